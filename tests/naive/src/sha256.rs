//! SHA-256 (FIPS 180-4) and HMAC (FIPS 198-1), as the standards write them.

/// The first `count` primes.
fn primes(count: usize) -> Vec<u128> {
    let mut found: Vec<u128> = Vec::new();
    let mut candidate = 2;
    while found.len() < count {
        if found.iter().all(|prime| candidate % prime != 0) {
            found.push(candidate);
        }
        candidate += 1;
    }
    found
}

/// The first 32 bits of the fractional part of the `power`-th root of `n`.
fn root_fraction(n: u128, power: u32) -> u32 {
    let scaled = n << (32 * power);
    let mut root: u128 = 0;
    for bit in (0..40).rev() {
        let trial = root | (1 << bit);
        if trial.checked_pow(power).is_some_and(|raised| raised <= scaled) {
            root = trial;
        }
    }
    (root & 0xffff_ffff) as u32
}

/// The digest of a message.
pub fn sha256(message: &[u8]) -> [u8; 32] {
    // 4.2.2 and 5.3.3: the constants are roots of primes.
    let constants: Vec<u32> = primes(64).into_iter().map(|p| root_fraction(p, 3)).collect();
    let mut hash: Vec<u32> = primes(8).into_iter().map(|p| root_fraction(p, 2)).collect();
    // 5.1.1: a one bit, zeros, and the length in bits.
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    // 6.2.2
    for block in padded.chunks(64) {
        let mut w: Vec<u32> = block.chunks(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])).collect();
        for t in 16..64 {
            let a = w[t - 15].rotate_right(7) ^ w[t - 15].rotate_right(18) ^ (w[t - 15] >> 3);
            let b = w[t - 2].rotate_right(17) ^ w[t - 2].rotate_right(19) ^ (w[t - 2] >> 10);
            w.push(b.wrapping_add(w[t - 7]).wrapping_add(a).wrapping_add(w[t - 16]));
        }
        let mut v = hash.clone();
        for t in 0..64 {
            let sum1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choose = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let t1 = v[7].wrapping_add(sum1).wrapping_add(choose).wrapping_add(constants[t]).wrapping_add(w[t]);
            let sum0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            let t2 = sum0.wrapping_add(majority);
            v = vec![t1.wrapping_add(t2), v[0], v[1], v[2], v[3].wrapping_add(t1), v[4], v[5], v[6]];
        }
        for i in 0..8 {
            hash[i] = hash[i].wrapping_add(v[i]);
        }
    }
    let mut digest = [0; 32];
    for i in 0..8 {
        digest[4 * i..4 * i + 4].copy_from_slice(&hash[i].to_be_bytes());
    }
    digest
}

/// HMAC-SHA-256 of a message under a key of any length.
pub fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = if key.len() > 64 { sha256(key).to_vec() } else { key.to_vec() };
    block.resize(64, 0);
    let mut inner: Vec<u8> = block.iter().map(|b| b ^ 0x36).collect();
    inner.extend_from_slice(message);
    let mut outer: Vec<u8> = block.iter().map(|b| b ^ 0x5c).collect();
    outer.extend_from_slice(&sha256(&inner));
    sha256(&outer)
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // FIPS 180-4's own examples, and RFC 4231's second case.
    #[test]
    fn published_answers() {
        assert_eq!(hex(&sha256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(
            hex(&sha256(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        );
        assert_eq!(
            hex(&hmac(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
