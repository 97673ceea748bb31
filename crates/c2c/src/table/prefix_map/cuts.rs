//! The places at which an address can be cut into a prefix and a rest, hashed in one pass.
//!
//! The empty prefix is of kind 0, the first `i` segments are of kind 2`i` − 1 without and 2`i` with the
//! dot behind them. The hash goes over words of eight bytes, whatever segments they belong to, so that
//! each word costs one step and each cut one more.

/// Kinds, a bit each; the last bit stands for all from 63 on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kinds(u64);

impl Kinds {
    /// The kinds of which there is any.
    pub(super) fn of(counts: &[u32]) -> Self {
        let any = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        Self(any.fold(0, |kinds, (kind, _)| kinds | 1 << kind.min(63)))
    }

    /// A bit each for this kind and those that follow, the first one lowest. Behind the last bit of all
    /// comes the same again, as that stands for all that follow.
    #[inline]
    fn from(self, kind: u32) -> i64 {
        self.0.cast_signed() >> kind
    }
}

/// Hands out hash and length of every cut of `text` whose kind is among `kinds`, from the shortest to
/// the longest.
#[inline(always)]
pub(super) fn cuts(text: &[u8], seed: u64, kinds: Kinds, mut found: impl FnMut(u64, usize)) {
    let (mut hash, spread) = start(seed);
    if kinds.from(0) & 1 != 0 {
        found(hash, 0);
    }
    // From the kind of the cut before the next dot on.
    let mut wanted = kinds.from(1);
    let mut behind_dot = 0;
    let mut at = 0;
    loop {
        let left = text.len() - at;
        let word = match text[at..].first_chunk::<8>() {
            Some(word) => u64::from_le_bytes(*word),
            None if left == 0 => 0,
            None => eight(text, at),
        };
        let mut dots = dots(word);
        while dots != 0 {
            let within = (dots.trailing_zeros() / 8) as usize;
            let dot = at + within;
            // Of an empty segment there is only the cut behind its dot.
            if wanted & 1 != 0 && dot > behind_dot {
                found(cut(hash, word, within, spread), dot);
            }
            if wanted & 2 != 0 {
                found(cut(hash, word, within + 1, spread), dot + 1);
            }
            dots &= dots - 1;
            behind_dot = dot + 1;
            wanted >>= 2;
        }
        if left < 8 {
            if wanted & 1 != 0 && text.len() > behind_dot {
                found(cut(hash, word, left, spread), text.len());
            }
            return;
        }
        if wanted == 0 {
            return;
        }
        hash = mix(hash ^ word, spread);
        at += 8;
    }
}

/// Kind and hash of the whole of a text, its last cut.
#[inline]
pub(super) fn whole(bytes: &[u8], seed: u64) -> (usize, u64) {
    let (mut hash, spread) = start(seed);
    let (words, rest) = bytes.as_chunks::<8>();
    let mut dots_in = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        dots_in += dots(word).count_ones() as usize;
        hash = mix(hash ^ word, spread);
    }
    if !rest.is_empty() {
        let word = eight(bytes, bytes.len() - rest.len());
        dots_in += dots(word).count_ones() as usize;
        hash = mix(hash ^ word, spread);
    }
    let is_open = bytes.last().is_some_and(|last| *last != b'.');
    (2 * dots_in + usize::from(is_open), hash)
}

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const SPREAD: u64 = 0xa076_1d64_78bd_642f;

/// The hash of nothing, and what each step multiplies with.
#[inline]
fn start(seed: u64) -> (u64, u64) {
    (SEED ^ seed, SPREAD ^ seed.rotate_left(32))
}

/// `hash` with the first `length` bytes of `word`, 0 to 8, behind it.
#[inline]
fn cut(hash: u64, word: u64, length: usize, spread: u64) -> u64 {
    match length {
        0 => hash,
        _ => mix(hash ^ word & u64::MAX >> (64 - 8 * length), spread),
    }
}

/// The eight bytes from `at` on, the first one lowest; zeros behind the end, which lies behind `at`.
#[inline]
fn eight(bytes: &[u8], at: usize) -> u64 {
    let rest = &bytes[at..];
    match (rest.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(word), _) => u64::from_le_bytes(*word),
        (None, Some(last)) => u64::from_le_bytes(*last) >> (64 - 8 * rest.len()),
        (None, None) => {
            let rest = rest.iter().rev();
            rest.fold(0, |word, byte| word << 8 | u64::from(*byte))
        }
    }
}

/// The highest bit of every byte that is a dot.
#[inline]
fn dots(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const LOW: u64 = ONES * 0x7f;
    let zeroed = word ^ (ONES * b'.' as u64);
    // The sum carries into the highest bit of every byte that is not zero, and no further.
    !(((zeroed & LOW) + LOW) | zeroed | LOW)
}

/// Both halves of the product, folded: every bit of either reaches every bit of the result.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the halves of a product are wanted"
)]
#[inline]
fn mix(hash: u64, spread: u64) -> u64 {
    let product = u128::from(hash) * u128::from(spread);
    (product as u64) ^ ((product >> 64) as u64).wrapping_add(SEED)
}
