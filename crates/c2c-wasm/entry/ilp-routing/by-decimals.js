// Curves as lists of pairs of BigNumbers, for what the engine does not take: fractions, amounts out of
// range, curves without points, and points that were changed by hand. The steps and their rounding are
// those of ilp-routing 10.1.0.
import { BigNumber } from './decimal.js';

/** What comes out for `x`. */
export function amountAt(points, x) {
  const [first, last] = [points[0], points[points.length - 1]];
  if (x.lt(first[0])) return new BigNumber(0);
  if (x.eq(first[0])) return first[1];
  if (last[0].lte(x)) return last[1];
  const [a, b] = sideAt(points, 0, x);
  return b[1].sub(a[1]).mul(x.sub(a[0])).div(b[0].sub(a[0])).add(a[1]).floor();
}

/** What must go in for `y`, rounded down; infinite where so much never comes out. */
export function amountReverse(points, y) {
  if (points[0][1].gte(y)) return points[0][0];
  if (points[points.length - 1][1].lt(y)) return new BigNumber(Infinity);
  const [a, b] = sideAt(points, 1, y);
  return b[0].sub(a[0]).mul(y.sub(a[1])).div(b[1].sub(a[1])).add(a[0]).floor();
}

/** The points of two parallel curves made one. */
export function combine(a, b) {
  return highest(a, b)
    .concat(highest(b, a), crossings(a, b))
    .sort(byX)
    .map(([x, y]) => [x.ceil(), y.floor()])
    .filter(isFirst);
}

/** The points of two curves end to end. */
export function join(head, tail) {
  const [least, most] = [tail[0][0], tail[tail.length - 1][0]];
  const fromHead = head
    .filter(([, y]) => least.lte(y) && y.lte(most))
    .map(([x, y]) => [x, amountAt(tail, y)]);
  const fromTail = tail.map(([x, y]) => [amountReverse(head, x), y]);
  return fromHead.concat(fromTail).sort(byX).filter(([x]) => x.isFinite()).filter(isFirst);
}

/** The side of the line that ends at the first point which reaches `value` on `axis`. */
function sideAt(points, axis, value) {
  let i = 0;
  while (points[i][axis].lt(value)) i += 1;
  return [points[i - 1], points[i]];
}

/** The points of `theirs`, each as high as the better of both curves. */
function highest(own, theirs) {
  if (own.length === 0) return theirs;
  return theirs.map(([x, y]) => {
    const here = amountAt(own, x);
    return [x, y.gt(here) ? y : here];
  });
}

function crossings(a, b) {
  if (a.length === 0 || b.length === 0) return [];
  const [endA, endB] = [a[a.length - 1], b[b.length - 1]];
  const left = endA[0].lt(endB[0]) ? a.concat([[endB[0], endA[1]]]) : a;
  const right = endB[0].lt(endA[0]) ? b.concat([[endA[0], endB[1]]]) : b;
  const found = [];
  let start = 1;
  for (let i = 1; i < left.length; i++) {
    for (let j = start; j < right.length; j++) {
      if (right[j][0].lt(left[i - 1][0])) start += 1;
      else if (left[i][0].lt(right[j - 1][0])) break;
      else {
        const point = crossing(left[i - 1], left[i], right[j - 1], right[j]);
        if (point !== undefined) found.push(point);
      }
    }
  }
  return found;
}

function crossing(p, q, r, s) {
  const closing = determinant(p[0].sub(q[0]), p[1].sub(q[1]), r[0].sub(s[0]), r[1].sub(s[1]));
  if (closing.isZero()) return undefined;
  const [left, right] = [determinant(...p, ...q), determinant(...r, ...s)];
  const along = (axis) =>
    determinant(left, p[axis].sub(q[axis]), right, r[axis].sub(s[axis])).div(closing);
  const x = along(0);
  if (x.lt(p[0]) || q[0].lt(x) || x.lt(r[0]) || s[0].lt(x)) return undefined;
  const y = along(1);
  if (y.lt(p[1]) || q[1].lt(y) || y.lt(r[1]) || s[1].lt(y)) return undefined;
  return [x, y];
}

function determinant(a, b, c, d) {
  return a.mul(d).sub(b.mul(c));
}

function byX(a, b) {
  return a[0].comparedTo(b[0]);
}

function isFirst([x], i, points) {
  return i === 0 || !x.eq(points[i - 1][0]);
}
