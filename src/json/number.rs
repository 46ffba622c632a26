//! Numbers in JSON (RFC 8259 §6), as exactly as serde_json reads them by default: whole ones exactly, others as the
//! quotient or product of their first 19 or 20 digits and a power of ten.

use super::{
    Json,
    read::{Fault, Reader},
};

/// Of the largest power of ten that is a double-precision number.
const LARGEST_EXPONENT: i32 = 308;

/// Digits as far as they fit.
struct Digits {
    value: u64,
    /// How many are in the value.
    taken: i32,
    /// How many came behind and are not.
    dropped: i32,
}

impl Reader<'_> {
    /// The number at whose first character this stands.
    pub(super) fn number(&mut self) -> Result<Json, Fault> {
        let negative = self.take(b"-");
        let leading_zero = self.rest.starts_with(b"0");
        let whole = self.digits(0)?;
        if leading_zero && whole.taken > 1 {
            return Err(Fault::Number);
        }
        let mut decimal = (whole.value, whole.dropped);
        let mut is_whole = !negative && whole.dropped == 0;
        if self.take(b".") {
            let fraction = self.digits(whole.value)?;
            decimal = (fraction.value, whole.dropped.saturating_sub(fraction.taken));
            is_whole = false;
        }
        if self.take(b"e") || self.take(b"E") {
            decimal.1 = decimal.1.saturating_add(self.exponent()?);
            is_whole = false;
        }
        if is_whole {
            return Ok(Json::Whole(whole.value));
        }
        let number = scaled(decimal.0, decimal.1).ok_or(Fault::OutOfRange)?;
        Ok(Json::Number(if negative { -number } else { number }))
    }

    fn exponent(&mut self) -> Result<i32, Fault> {
        let negative = self.take(b"-");
        if !negative {
            self.take(b"+");
        }
        let digits = self.digits(0)?;
        let exponent = i32::try_from(digits.value).unwrap_or(i32::MAX);
        Ok(if negative {
            exponent.saturating_neg()
        } else {
            exponent
        })
    }

    /// One digit or more, behind those that are in `value` already.
    fn digits(&mut self, value: u64) -> Result<Digits, Fault> {
        let mut digits = Digits {
            value,
            taken: 0,
            dropped: 0,
        };
        while let [digit @ b'0'..=b'9', rest @ ..] = self.rest {
            self.rest = rest;
            digits.add(u64::from(*digit & 0xF));
        }
        if digits.taken | digits.dropped == 0 {
            return Err(Fault::Number);
        }
        Ok(digits)
    }

    fn take(&mut self, what: &[u8; 1]) -> bool {
        let rest = self.rest.strip_prefix(what);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

impl Digits {
    /// What comes behind the first digit that does not fit is left out too.
    fn add(&mut self, digit: u64) {
        if self.dropped == 0 && self.value <= u64::MAX.saturating_sub(digit) / 10 {
            self.value = self.value.wrapping_mul(10).wrapping_add(digit);
            self.taken = self.taken.saturating_add(1);
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }
}

/// `significand` times ten to the power of `exponent`; `None` if that is beyond the largest number.
#[expect(
    clippy::cast_precision_loss,
    clippy::as_conversions,
    reason = "the nearest double-precision number is what is wanted"
)]
fn scaled(significand: u64, mut exponent: i32) -> Option<f64> {
    let mut number = significand as f64;
    if significand == 0 {
        return Some(number);
    }
    if exponent < -LARGEST_EXPONENT {
        number /= 1e308;
        // Of what is smaller still, this much makes nothing.
        exponent = exponent
            .saturating_add(LARGEST_EXPONENT)
            .max(-LARGEST_EXPONENT);
    }
    if exponent > LARGEST_EXPONENT {
        return None;
    }
    let power = power_of_ten(exponent.unsigned_abs());
    let number = if exponent < 0 {
        number / power
    } else {
        number * power
    };
    number.is_finite().then_some(number)
}

/// The nearest number to a power of ten up to 10^308, without a table: what rounding loses of `power` is carried along.
fn power_of_ten(exponent: u32) -> f64 {
    let (mut power, mut lost) = (1.0_f64, 0.0_f64);
    for _ in 0..exponent {
        let (eightfold, double) = (power * 8.0, power * 2.0);
        let tenfold = eightfold + double;
        lost = lost * 10.0 + (double - (tenfold - eightfold));
        power = tenfold + lost;
        lost -= power - tenfold;
    }
    power
}
