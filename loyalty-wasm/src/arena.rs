//! The memory of a call: handed out one piece behind the other, and all taken back at once when the next call
//! begins. Nothing is freed in between, so that no code that frees is linked.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::mem::MaybeUninit;
use core::ptr::{self, null_mut};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[global_allocator]
static ARENA: Arena = Arena { start: AtomicUsize::new(0), next: AtomicUsize::new(0), end: AtomicUsize::new(0) };

/// One thread runs; the numbers are atomic because a static must be shareable.
struct Arena {
    start: AtomicUsize,
    next: AtomicUsize,
    end: AtomicUsize,
}

const PAGE: usize = 65_536;

/// What is handed out first: a refusal fits, so that one does not grow the memory on which columns are viewed.
static mut FIRST: MaybeUninit<[u8; FIRST_BYTES]> = MaybeUninit::uninit();
const FIRST_BYTES: usize = 8_192;

/// Takes everything back.
///
/// # Safety
/// Nothing that was allocated before is used any more.
pub unsafe fn clear() {
    ARENA.next.store(ARENA.start.load(Relaxed), Relaxed);
}

// SAFETY: a piece lies between `next` and `end`, which belong to no one else, and `next` moves behind it.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        loop {
            let piece = self.next.load(Relaxed).checked_next_multiple_of(layout.align());
            let behind = piece.and_then(|piece| piece.checked_add(layout.size()));
            if let (Some(piece), Some(behind)) = (piece, behind)
                && behind <= self.end.load(Relaxed)
            {
                self.next.store(behind, Relaxed);
                return ptr::with_exposed_provenance_mut(piece);
            }
            if !self.grow(layout.size().saturating_add(layout.align())) {
                return null_mut();
            }
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let behind = piece.addr().saturating_add(size);
        // The last piece grows where it stands.
        if piece.addr().saturating_add(layout.size()) == self.next.load(Relaxed) && behind <= self.end.load(Relaxed) {
            self.next.store(behind, Relaxed);
            return piece;
        }
        // SAFETY: the caller's layout with another size; both pieces are as long as what is copied.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                ptr::copy_nonoverlapping(piece, moved, layout.size().min(size));
            }
            moved
        }
    }
}

impl Arena {
    /// Makes room for so many bytes more, and at least for as many as there are, so that growing is rare.
    #[cold]
    fn grow(&self, bytes: usize) -> bool {
        let (start, end) = (self.start.load(Relaxed), self.end.load(Relaxed));
        if start == 0 && bytes <= FIRST_BYTES {
            let first = (&raw mut FIRST).expose_provenance();
            self.start.store(first, Relaxed);
            self.next.store(first, Relaxed);
            self.end.store(first.saturating_add(FIRST_BYTES), Relaxed);
            return true;
        }
        let pages = bytes.max(end.saturating_sub(start)).div_ceil(PAGE);
        let grown = memory_grow::<0>(pages);
        if grown == usize::MAX {
            return false;
        }
        let grown = grown.saturating_mul(PAGE);
        // The facade takes pages for itself; then these begin anew behind them, and the old ones are used no more.
        if grown != end {
            self.start.store(grown, Relaxed);
            self.next.store(grown, Relaxed);
        }
        self.end.store(memory_size::<0>().saturating_mul(PAGE), Relaxed);
        true
    }
}
