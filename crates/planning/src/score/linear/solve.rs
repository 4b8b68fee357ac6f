//! Small dense systems.

/// Solves `a x = b` for a symmetric positive definite matrix, row by row, in place; `None` if it
/// is not positive definite to working accuracy.
pub(in super::super) fn cholesky_solve(a: &mut [f64], b: &mut [f64]) -> Option<()> {
    let n = b.len();
    for j in 0..n {
        for k in 0..j {
            let factor = a[j * n + k];
            if factor.total_cmp(&0.0).is_ne() {
                for i in j..n {
                    a[i * n + j] -= a[i * n + k] * factor;
                }
            }
        }
        let pivot = a[j * n + j];
        if !(pivot > 1e-300 && pivot.is_finite()) {
            return None;
        }
        let root = pivot.sqrt();
        for i in j..n {
            a[i * n + j] /= root;
        }
    }
    for i in 0..n {
        let known: f64 = (0..i).map(|k| a[i * n + k] * b[k]).sum();
        b[i] = (b[i] - known) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| a[k * n + i] * b[k]).sum();
        b[i] = (b[i] - known) / a[i * n + i];
    }
    Some(())
}
