//! The catalogue of Korean paper types and what a notice, certificate or voucher means. Pure.
