// ilp-routing's Route: plain fields, open to be changed.
import { LiquidityCurve, base64 } from './liquidity-curve.js';

export class Route {
  /**
   * From a LiquidityCurve, or what makes one, or nothing where quotes are to be asked remotely; `paths` are
   * the alternative lists of ledgers between `nextLedger` and `destinationLedger`.
   */
  constructor(curve, info, paths = [[]]) {
    if (curve) this.curve = curve instanceof LiquidityCurve ? curve : new LiquidityCurve(curve);
    this.sourceLedger = info.sourceLedger;
    this.nextLedger = info.nextLedger;
    this.destinationLedger = info.destinationLedger || info.nextLedger;
    this.targetPrefix = info.targetPrefix == null ? this.destinationLedger : info.targetPrefix;
    this.minMessageWindow = info.minMessageWindow;
    this.expiresAt = info.expiresAt;
    this.additionalInfo = info.additionalInfo;
    this.isLocal = info.isLocal;
    this.sourceAccount = info.sourceAccount;
    this.destinationAccount = info.destinationAccount;
    this.addedDuringEpoch = info.addedDuringEpoch;
    this.paths = paths;
  }

  amountAt(x) {
    return this.curve && this.curve.amountAt(x);
  }

  amountReverse(y) {
    return this.curve && this.curve.amountReverse(y);
  }

  getPoints() {
    return this.curve && this.curve.getPoints();
  }

  /** How many ledgers the longest alternative passes, both ends counted. */
  maxPathLength() {
    let longest = 0;
    for (const path of this.paths) if (path.length > longest) longest = path.length;
    return longest + (this.nextLedger === this.destinationLedger ? 2 : 3);
  }

  /** The shorter of two parallel routes; of equally long ones the better curve at every amount. */
  combine(alternateRoute) {
    const [own, other] = [this.maxPathLength(), alternateRoute.maxPathLength()];
    if (other < own) return alternateRoute;
    if (other > own) return this;
    const curve = this.curve && alternateRoute.curve && this.curve.combine(alternateRoute.curve);
    const { sourceLedger, nextLedger, destinationLedger } = this;
    return new Route(
      curve,
      {
        sourceLedger,
        nextLedger,
        destinationLedger,
        minMessageWindow: Math.max(this.minMessageWindow, alternateRoute.minMessageWindow),
        isLocal: false,
        addedDuringEpoch: Math.max(alternateRoute.addedDuringEpoch, this.addedDuringEpoch),
      },
      different([...this.paths, ...alternateRoute.paths]),
    );
  }

  /** This route and then another one; undefined where they do not meet, or would pass a ledger twice. */
  join(tailRoute, expiryDuration, addedDuringEpoch) {
    if (!canJoin(this, tailRoute)) return undefined;
    const curve = this.curve && tailRoute.curve ? this.curve.join(tailRoute.curve) : undefined;
    const between = [];
    if (this.destinationLedger !== this.nextLedger) between.push(this.destinationLedger);
    if (tailRoute.destinationLedger !== tailRoute.nextLedger) between.push(tailRoute.nextLedger);
    const paths = [];
    for (const head of this.paths) {
      for (const tail of tailRoute.paths) paths.push([...head, ...between, ...tail]);
    }
    return new Route(
      curve,
      {
        sourceLedger: this.sourceLedger,
        nextLedger: this.nextLedger,
        destinationLedger: tailRoute.destinationLedger,
        minMessageWindow: this.minMessageWindow + tailRoute.minMessageWindow,
        isLocal: this.isLocal && tailRoute.isLocal,
        sourceAccount: this.sourceAccount,
        expiresAt: expiryDuration && Date.now() + expiryDuration,
        targetPrefix: tailRoute.targetPrefix,
        addedDuringEpoch,
      },
      different(paths),
    );
  }

  shiftX(dx) {
    return new Route(this.curve && this.curve.shiftX(dx), this, this.paths);
  }

  shiftY(dy) {
    return new Route(this.curve && this.curve.shiftY(dy), this, this.paths);
  }

  simplify(maxPoints) {
    const { sourceLedger, destinationLedger, minMessageWindow, additionalInfo, isLocal } = this;
    const { targetPrefix, addedDuringEpoch } = this;
    return new Route(
      this.curve && this.curve.simplify(maxPoints),
      {
        sourceLedger,
        destinationLedger,
        minMessageWindow,
        additionalInfo,
        isLocal,
        targetPrefix,
        addedDuringEpoch,
      },
      this.paths,
    );
  }

  isExpired() {
    return !!this.expiresAt && this.expiresAt < Date.now();
  }

  bumpExpiration(holdDown) {
    this.expiresAt = Date.now() + holdDown;
    return this.expiresAt;
  }

  /** The route as broadcasts carry it. */
  toJSON() {
    const record = {
      source_ledger: this.sourceLedger,
      destination_ledger: this.destinationLedger,
      points: this.curve && base64(this.curve.toBuffer()),
      min_message_window: this.minMessageWindow,
      source_account: this.sourceAccount,
      added_during_epoch: this.addedDuringEpoch,
      paths: this.paths,
    };
    for (const name of Object.keys(record)) if (record[name] === undefined) delete record[name];
    return record;
  }

  toDebugString(nextConnector) {
    const [source, next, destination] = [this.sourceLedger, this.nextLedger, this.destinationLedger].map(
      (ledger) => ledger.substring(11),
    );
    return `${source}-${next}->${destination}~${nextConnector}`;
  }

  /** A route of what a broadcast carries; a Route as it is. */
  static fromData(data, currentEpoch) {
    if (data instanceof Route) {
      if (data.addedDuringEpoch === undefined) data.addedDuringEpoch = -1;
      return data;
    }
    if (currentEpoch === undefined) throw new Error('must supply currentEpoch as second arg');
    return new Route(
      data.points,
      {
        sourceLedger: data.source_ledger,
        nextLedger: data.destination_ledger,
        minMessageWindow: data.min_message_window,
        expiresAt: data.expires_at,
        isLocal: false,
        sourceAccount: data.source_account,
        destinationAccount: data.destination_account,
        additionalInfo: data.additional_info,
        targetPrefix: data.target_prefix,
        addedDuringEpoch: currentEpoch,
      },
      data.paths,
    );
  }
}

/** Each path once, in the order in which they first stand. */
function different(paths) {
  if (paths.length < 2) return paths.map((path) => [...path]);
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()].map((path) => [...path]);
}

/** Whether they meet and, joined, pass no ledger twice. One bad alternative spoils the whole. */
function canJoin(head, tail) {
  if (head.destinationLedger !== tail.sourceLedger) return false;
  const ends = [head.sourceLedger, head.nextLedger, tail.destinationLedger];
  if (head.destinationLedger !== head.nextLedger) ends.push(head.destinationLedger);
  if (tail.destinationLedger !== tail.nextLedger) ends.push(tail.nextLedger);
  for (let i = 1; i < ends.length; i++) if (ends.indexOf(ends[i]) < i) return false;
  for (const path of head.paths) for (const ledger of path) if (ends.includes(ledger)) return false;
  for (const path of tail.paths) {
    for (const ledger of path) {
      if (ends.includes(ledger) || head.paths.some((other) => other.includes(ledger))) return false;
    }
  }
  return true;
}
