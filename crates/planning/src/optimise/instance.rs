//! Reading of binary instance files: plain arrays of numbers.
//!
//! Format: per array a little-endian `u64` count of dimensions, the `u64` sizes, then `f64`
//! values in row order. The caller reads the file; this module sees bytes only.

use super::OptimiseError;

/// One array of an instance file.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// Size of each dimension.
    pub shape: Vec<usize>,
    /// Values in row order.
    pub values: Vec<f64>,
}

/// Reads all arrays of an instance.
///
/// # Errors
/// [`OptimiseError::Instance`] if the bytes end early or sizes do not fit.
pub fn read_arrays(bytes: &[u8]) -> Result<Vec<Array>, OptimiseError> {
    let mut arrays = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let dimensions = read_size(bytes, &mut at)?;
        if dimensions > 8 {
            return Err(OptimiseError::Instance { offset: at, reason: "more than 8 dimensions" });
        }
        let mut shape = Vec::with_capacity(dimensions);
        let mut count = 1_usize;
        for _ in 0..dimensions {
            let size = read_size(bytes, &mut at)?;
            count = count
                .checked_mul(size)
                .ok_or(OptimiseError::Instance { offset: at, reason: "sizes overflow" })?;
            shape.push(size);
        }
        let end = count.checked_mul(8).and_then(|length| length.checked_add(at));
        let body = end
            .and_then(|end| bytes.get(at..end))
            .ok_or(OptimiseError::Instance { offset: at, reason: "values end early" })?;
        at += body.len();
        let (words, _) = body.as_chunks::<8>();
        arrays
            .push(Array { shape, values: words.iter().map(|w| f64::from_le_bytes(*w)).collect() });
    }
    Ok(arrays)
}

/// Writes arrays in the format that [`read_arrays`] reads.
#[must_use]
pub fn write_arrays(arrays: &[Array]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for array in arrays {
        bytes.extend_from_slice(&(array.shape.len() as u64).to_le_bytes());
        for size in &array.shape {
            bytes.extend_from_slice(&(*size as u64).to_le_bytes());
        }
        for value in &array.values {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
    }
    bytes
}

fn read_size(bytes: &[u8], at: &mut usize) -> Result<usize, OptimiseError> {
    let early = OptimiseError::Instance { offset: *at, reason: "ends inside a size" };
    let word = bytes.get(*at..).and_then(|rest| rest.first_chunk::<8>()).ok_or(early)?;
    *at += 8;
    usize::try_from(u64::from_le_bytes(*word))
        .map_err(|_| OptimiseError::Instance { offset: *at, reason: "size is too large" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_round_trip() {
        let arrays = vec![
            Array { shape: vec![2, 2], values: vec![1.0, -2.5, 3.0, 4.0] },
            Array { shape: vec![1], values: vec![7.0] },
        ];
        assert_eq!(read_arrays(&write_arrays(&arrays)).unwrap(), arrays);
    }

    #[test]
    fn truncated_bytes_are_refused_at_every_length() {
        let bytes = write_arrays(&[Array { shape: vec![3], values: vec![1.0, 2.0, 3.0] }]);
        for length in 1..bytes.len() {
            assert!(read_arrays(&bytes[..length]).is_err(), "length {length}");
        }
    }

    #[test]
    fn absurd_sizes_are_refused() {
        let mut bytes = 1_u64.to_le_bytes().to_vec();
        bytes.extend_from_slice(&u64::MAX.to_le_bytes());
        assert!(read_arrays(&bytes).is_err(), "a size beyond memory must not be allocated");
    }
}
