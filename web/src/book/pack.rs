//! A book as bytes, for the way from the worker to the page: one buffer that is handed over, not copied.

use std::rc::Rc;

use c2c::address::{IlpAddress, LedgerPrefix};

use super::{Book, CandidateRow, Head, RouteRow, Run, SegmentRow, Texts};

impl Book {
    /// The book as bytes.
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + self.points.len() * 8 + self.candidates.len() * 56);
        // Views have no member that JSON cannot write.
        let head = serde_json::to_vec(&*self.head).unwrap_or_default();
        put_bytes(&mut out, &head);
        put_bytes(&mut out, self.names.text.as_bytes());
        put(&mut out, &self.names.ends, |end, out| {
            out.extend(end.to_le_bytes())
        });
        put(&mut out, &self.routes, |row, out| {
            let words = [
                row.source,
                row.destination,
                row.target,
                row.candidates,
                row.segments,
                row.merged.at,
                row.merged.length,
            ];
            words.iter().for_each(|word| out.extend(word.to_le_bytes()));
            out.extend(row.changed.to_le_bytes());
        });
        put(&mut out, &self.candidates, |row, out| {
            let words = [
                row.next_hop,
                row.next_ledger,
                row.hops,
                u32::from(row.wins),
                row.too_good,
                row.points.at,
                row.points.length,
                row.paths.at,
                row.paths.length,
            ];
            words.iter().for_each(|word| out.extend(word.to_le_bytes()));
            out.extend(row.window.to_le_bytes());
            out.extend(row.expires.to_le_bytes());
        });
        put(&mut out, &self.segments, |row, out| {
            out.extend(row.from.to_le_bytes());
            out.extend(row.to.to_le_bytes());
            out.extend(row.next_hop.to_le_bytes());
        });
        put(&mut out, &self.points, |number, out| {
            out.extend(number.to_le_bytes())
        });
        put(&mut out, &self.paths, |word, out| {
            out.extend(word.to_le_bytes())
        });
        out
    }

    /// The book that was packed; none where the bytes are none.
    pub fn unpack(bytes: &[u8]) -> Option<Book> {
        let mut reader = Reader { rest: bytes };
        let head: Head = serde_json::from_slice(reader.bytes()?).ok()?;
        let text = String::from_utf8(reader.bytes()?.to_vec()).ok()?;
        let ends = reader.column::<4, _>(|bytes| u32::from_le_bytes(*bytes))?;
        let routes = reader.column::<36, _>(|bytes| {
            let [
                source,
                destination,
                target,
                candidates,
                segments,
                at,
                length,
            ] = words(bytes);
            RouteRow {
                source,
                destination,
                target,
                candidates,
                segments,
                merged: Run { at, length },
                changed: long(bytes, 28),
            }
        })?;
        let candidates = reader.column::<52, _>(|bytes| {
            let [
                next_hop,
                next_ledger,
                hops,
                wins,
                too_good,
                points,
                points_length,
                paths,
                paths_length,
            ] = words(bytes);
            CandidateRow {
                next_hop,
                next_ledger,
                hops,
                wins: wins == 1,
                too_good,
                points: Run {
                    at: points,
                    length: points_length,
                },
                paths: Run {
                    at: paths,
                    length: paths_length,
                },
                window: long(bytes, 36),
                expires: long(bytes, 44),
            }
        })?;
        let segments = reader.column::<20, _>(|bytes| {
            let [next_hop] = words(&bytes[16..]);
            SegmentRow {
                from: long(bytes, 0),
                to: long(bytes, 8),
                next_hop,
            }
        })?;
        let points = reader.column::<8, _>(|bytes| u64::from_le_bytes(*bytes))?;
        let paths = reader.column::<4, _>(|bytes| u32::from_le_bytes(*bytes))?;
        let book = Book {
            head: Rc::new(head),
            names: Texts { text, ends },
            routes,
            candidates,
            segments,
            points,
            paths,
        };
        (reader.rest.is_empty() && book.holds()).then_some(book)
    }

    /// Whether every index is in range, and every name what its column says.
    fn holds(&self) -> bool {
        let text = &self.names.text;
        let ends = &self.names.ends;
        let cut = |end: &u32| text.is_char_boundary(*end as usize);
        if !(ends.is_sorted() && ends.iter().all(cut)) {
            return false;
        }
        let count = ends.len();
        let known = |name: u32| (name as usize) < count;
        let fits = |run: Run, length: usize| run.range().end <= length;
        let mut address = vec![false; count];
        let mut ledger = vec![false; count];
        for (name, (is_address, is_ledger)) in (0u32..).zip(address.iter_mut().zip(&mut ledger)) {
            let name = self.names.get(name);
            *is_address = IlpAddress::new(name).is_ok();
            // A ledger's prefix is an address that ends in a dot. Of 100,000 names few are: the others are not read twice.
            *is_ledger = *is_address && name.ends_with('.') && LedgerPrefix::new(name).is_ok();
        }
        let is_address = |name: u32| known(name) && address[name as usize];
        let is_ledger = |name: u32| known(name) && ledger[name as usize];
        let rising = |ends: &mut dyn Iterator<Item = u32>, length: usize| {
            let ends: Vec<u32> = ends.collect();
            ends.is_sorted() && ends.last().map_or(0, |last| *last as usize) == length
        };
        rising(
            &mut self.routes.iter().map(|row| row.candidates),
            self.candidates.len(),
        ) && rising(
            &mut self.routes.iter().map(|row| row.segments),
            self.segments.len(),
        ) && self.routes.iter().all(|row| {
            is_ledger(row.source)
                && is_address(row.destination)
                && known(row.target)
                && fits(row.merged, self.points.len())
        }) && self.candidates.iter().all(|row| {
            is_address(row.next_hop)
                && is_ledger(row.next_ledger)
                && fits(row.points, self.points.len())
                && fits(row.paths, self.paths.len())
                && self.paths_hold(row.paths, &is_address)
        }) && self.segments.iter().all(|row| is_address(row.next_hop))
    }

    fn paths_hold(&self, run: Run, is_address: &impl Fn(u32) -> bool) -> bool {
        let mut rest = &self.paths[run.range()];
        while let Some((&length, after)) = rest.split_first() {
            let Some((path, after)) = after.split_at_checked(length as usize) else {
                return false;
            };
            if !path.iter().all(|name| is_address(*name)) {
                return false;
            }
            rest = after;
        }
        true
    }
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend((bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

fn put<T>(out: &mut Vec<u8>, column: &[T], write: impl Fn(&T, &mut Vec<u8>)) {
    out.extend((column.len() as u64).to_le_bytes());
    column.iter().for_each(|row| write(row, out));
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn length(&mut self) -> Option<usize> {
        let (length, rest) = self.rest.split_first_chunk::<8>()?;
        self.rest = rest;
        usize::try_from(u64::from_le_bytes(*length)).ok()
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(bytes)
    }

    fn column<const N: usize, T>(&mut self, read: impl Fn(&[u8; N]) -> T) -> Option<Vec<T>> {
        let length = self.length()?.checked_mul(N)?;
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let (rows, _) = bytes.as_chunks::<N>();
        Some(rows.iter().map(read).collect())
    }
}

/// The first words of a row; rows are longer than that.
fn words<const N: usize>(bytes: &[u8]) -> [u32; N] {
    let (all, _) = bytes.as_chunks::<4>();
    std::array::from_fn(|at| u32::from_le_bytes(all[at]))
}

/// Eight bytes of a row, from `at` on.
fn long(bytes: &[u8], at: usize) -> u64 {
    let (number, _) = bytes[at..].as_chunks::<8>();
    u64::from_le_bytes(number[0])
}
