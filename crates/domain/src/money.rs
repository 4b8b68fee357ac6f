//! Money: integer minor units and an ISO 4217 currency. No arithmetic across currencies.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency code of three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");
    /// The United States dollar.
    pub const USD: Self = Self(*b"USD");

    /// Digits after the decimal point (ISO 4217, minor unit column).
    #[must_use]
    pub fn decimals(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }

    /// Says whether it is three capital letters. What was read from a wire may be anything.
    #[must_use]
    pub const fn is_spelt_out(self) -> bool {
        let [a, b, c] = self.0;
        a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_uppercase()
    }

    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Currency {
    type Err = InvalidMoney;
    fn from_str(text: &str) -> Result<Self, InvalidMoney> {
        match text.as_bytes() {
            [a, b, c] if text.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                Ok(Self([a, b, c].map(u8::to_ascii_uppercase)))
            }
            _ => Err(InvalidMoney { text: text.to_owned() }),
        }
    }
}

/// A text that is not an amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an amount of money; write it like 12000EUR or 12000.50 EUR")]
pub struct InvalidMoney {
    /// The text as it came.
    pub text: String,
}

/// An amount of money in minor units (cents) of one currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: 12,000.50 EUR is 1_200_050.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Builds an amount from minor units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The sum; `None` for different currencies or on overflow.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        (self.currency == other.currency)
            .then(|| self.minor.checked_add(other.minor))?
            .map(|minor| Self { minor, ..self })
    }

    /// The part of the amount for a percentage in basis points (100 = 1 %), rounded half away
    /// from zero. `None` when it does not fit.
    #[must_use]
    pub fn share(self, basis_points: i64) -> Option<Self> {
        let product = i128::from(self.minor) * i128::from(basis_points);
        let half = if product < 0 { -5_000 } else { 5_000 };
        i64::try_from((product + half) / 10_000).ok().map(|minor| Self { minor, ..self })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.currency.decimals();
        let unit = 10_u64.pow(decimals);
        let (whole, part) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        let sign = if self.minor < 0 { "-" } else { "" };
        if part == 0 {
            write!(f, "{sign}{whole} {}", self.currency.as_str())
        } else {
            let width = decimals as usize;
            write!(f, "{sign}{whole}.{part:0width$} {}", self.currency.as_str())
        }
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Money {
    type Err = InvalidMoney;
    fn from_str(text: &str) -> Result<Self, InvalidMoney> {
        let invalid = || InvalidMoney { text: text.to_owned() };
        let trimmed = text.trim();
        let split = trimmed.len().checked_sub(3).ok_or_else(invalid)?;
        if !trimmed.is_char_boundary(split) {
            return Err(invalid());
        }
        let (number, currency) = trimmed.split_at(split);
        let currency: Currency = currency.parse().map_err(|_| invalid())?;
        let number: String =
            number.trim().chars().filter(|c| !matches!(c, ',' | '_' | ' ')).collect();
        let (negative, digits) = match number.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, number.as_str()),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let decimals = currency.decimals() as usize;
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || part.len() > decimals || !all_digits(whole) || !all_digits(part) {
            return Err(invalid());
        }
        let minor: i64 = format!("{whole}{part:0<decimals$}").parse().map_err(|_| invalid())?;
        Ok(Self { minor: if negative { -minor } else { minor }, currency })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_what_people_write() {
        for (text, minor) in [
            ("12000EUR", 1_200_000),
            ("12,000.50 EUR", 1_200_050),
            ("-3.5eur", -350),
            (" 0.05 EUR ", 5),
        ] {
            assert_eq!(text.parse::<Money>(), Ok(Money::new(minor, Currency::EUR)), "{text}");
        }
        assert_eq!("500JPY".parse::<Money>().unwrap().minor, 500);
        for text in ["", "12000", "EUR", "1.234EUR", "12x00EUR", "1.2.3EUR", "€€€", "--1EUR"]
        {
            assert!(text.parse::<Money>().is_err(), "`{text}` is no amount");
        }
    }

    #[test]
    fn money_prints_and_reads_back() {
        for minor in [0, 5, -5, 1_200_000, 1_200_050, i64::MAX / 2] {
            let money = Money::new(minor, Currency::EUR);
            assert_eq!(money.to_string().parse::<Money>(), Ok(money));
        }
    }

    #[test]
    fn shares_round_half_away_from_zero() {
        assert_eq!(Money::new(1_001, Currency::EUR).share(5_000).unwrap().minor, 501);
        assert_eq!(Money::new(-1_001, Currency::EUR).share(5_000).unwrap().minor, -501);
        assert_eq!(Money::new(i64::MAX, Currency::EUR).share(20_000), None);
        assert_eq!(
            Money::new(1, Currency::EUR).checked_add(Money::new(1, Currency::USD)),
            None,
            "currencies do not mix"
        );
    }
}
