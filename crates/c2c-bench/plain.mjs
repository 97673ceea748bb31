// What a JavaScript programmer would write today: BigInt, one pass, a Map. The contender of `npm.mjs`.

/** The better of two curves at every amount. */
export function combine (a, b) {
  const points = []
  let [i, j] = [0, 0]
  let before
  while (i < a.length || j < b.length) {
    const x = j >= b.length || (i < a.length && a[i][0] <= b[j][0]) ? a[i][0] : b[j][0]
    if (before !== undefined && i > 0 && j > 0) {
      const [p, q] = [at(a, i, before), at(b, j, before)]
      const [r, s] = [at(a, i, x), at(b, j, x)]
      if ((p < q) !== (r < s) && p !== q && r !== s) {
        const [gap, closing] = [p > q ? p - q : q - p, (p > q ? p - q : q - p) + (r > s ? r - s : s - r)]
        const cross = before + (x - before) * gap / closing
        if (cross > before && cross < x) {
          const [left, right] = [at(a, i, cross), at(b, j, cross)]
          points.push([cross, left > right ? left : right])
        }
      }
    }
    if (i < a.length && a[i][0] === x) i++
    if (j < b.length && b[j][0] === x) j++
    const [p, q] = [at(a, i, x), at(b, j, x)]
    points.push([x, p > q ? p : q])
    before = x
  }
  return points
}

/** The height at `x`, of whose points `passed` are at or before. */
function at (points, passed, x) {
  if (passed === 0) return x === points[0][0] ? points[0][1] : 0n
  const [x0, y0] = points[passed - 1]
  if (passed === points.length || x === x0) return y0
  const [x1, y1] = points[passed]
  return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
}

/** Two curves end to end. */
export function join (head, tail) {
  const points = []
  let [i, j] = [0, 0]
  const end = tail[tail.length - 1][0]
  const push = (x, y) => { if (points.length === 0 || points[points.length - 1][0] < x) points.push([x, y]) }
  while (i < head.length) {
    const [x, middle] = head[i]
    while (j < tail.length && tail[j][0] < middle) {
      if (i > 0) {
        const [x0, y0] = head[i - 1]
        const rise = middle - y0
        push(x0 + ((tail[j][0] - y0) * (x - x0) + rise - 1n) / rise, tail[j][1])
      }
      j++
    }
    if (middle > end) break
    push(x, at(tail, j < tail.length && tail[j][0] === middle ? j + 1 : j, middle))
    i++
  }
  return points
}

/** An update into a table by prefix. */
export function apply (table, head, body) {
  const update = JSON.parse(body)
  for (const prefix of update.unreachable_through_me) table.delete(prefix)
  for (const route of update.new_routes) {
    if (!/^[A-Za-z0-9._~-]+$/.test(route.destination_ledger) || !route.source_account.startsWith(route.source_ledger)) continue
    const bytes = Buffer.from(route.points, 'base64')
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const points = []
    for (let i = 0; i < bytes.length; i += 16) {
      points.push([word(view, i), word(view, i + 8)])
    }
    table.set(route.destination_ledger, { nextHop: route.source_account, curve: join(head, points), paths: route.paths, until: update.hold_down_time })
  }
  return table
}

function word (view, i) {
  return (BigInt(view.getUint32(i, true)) << 32n) | BigInt(view.getUint32(i + 4, true))
}
