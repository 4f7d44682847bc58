//! What a camera sees of a code on a screen: turned a little, out of focus, lit unevenly, with the noise of a sensor.
#![allow(dead_code, unreachable_pub)]

use qrcode::{Color, EcLevel, QrCode, Version};

/// How a code stands before the camera.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    pub width: u32,
    pub height: u32,
    /// The side of the code with its quiet zone, as a share of the picture's height.
    pub share: f32,
    /// Turned by so many degrees.
    pub degrees: f32,
    /// Radius of what one point becomes, in pixels; 0 is sharp.
    pub blur: f32,
    /// How much darker the right edge is than the left one, 0 to 1.
    pub shade: f32,
    /// Most that noise adds or takes, in steps of 255.
    pub noise: u32,
}

impl Scene {
    pub const fn sharp(width: u32, height: u32) -> Self {
        Self { width, height, share: 0.95, degrees: 0.0, blur: 0.0, shade: 0.0, noise: 0 }
    }

    /// A hand that holds a telephone, a cheap camera, a lamp at one side.
    pub const fn worn(width: u32, height: u32) -> Self {
        Self { share: 0.9, degrees: 4.0, blur: 0.8, shade: 0.45, noise: 12, ..Self::sharp(width, height) }
    }

    /// The grey pixels, row by row, of the code with this text (the smallest version that it fits).
    pub fn of_text(&self, text: &str) -> Vec<u8> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        self.of_code(&code)
    }

    /// The grey pixels of the code with this text in QR version 20-M.
    pub fn of_20_m(&self, text: &str) -> Vec<u8> {
        self.of_code(&QrCode::with_version(text, Version::Normal(20), EcLevel::M).unwrap())
    }

    pub fn of_code(&self, code: &QrCode) -> Vec<u8> {
        let side = code.width() as i32;
        let dark: Vec<bool> = code.to_colors().into_iter().map(|colour| colour == Color::Dark).collect();
        self.of_modules(side, &dark)
    }

    /// The grey pixels of `side` by `side` modules, row by row, `true` where dark.
    pub fn of_modules(&self, side: i32, dark: &[bool]) -> Vec<u8> {
        const QUIET: f32 = 4.0;
        // Points of each pixel that are looked at, along each side.
        const SAMPLES: i32 = 3;
        let (width, height) = (self.width as i32, self.height as i32);
        let pixels_a_module = self.share * self.height as f32 / (side as f32 + 2.0 * QUIET);
        let (sine, cosine) = self.degrees.to_radians().sin_cos();
        let at = |x: f32, y: f32| -> f32 {
            let (x, y) = (x - width as f32 / 2.0, y - height as f32 / 2.0);
            let (u, v) =
                ((cosine * x + sine * y) / pixels_a_module, (cosine * y - sine * x) / pixels_a_module);
            let (column, row) =
                ((u + side as f32 / 2.0).floor() as i32, (v + side as f32 / 2.0).floor() as i32);
            if (0..side).contains(&column) && (0..side).contains(&row) {
                if dark[(row * side + column) as usize] { 28.0 } else { 236.0 }
            } else if u.abs().max(v.abs()) <= side as f32 / 2.0 + QUIET {
                236.0
            } else {
                110.0
            }
        };
        let mut picture: Vec<f32> = Vec::with_capacity((width * height) as usize);
        for y in 0..height {
            for x in 0..width {
                let mut sum = 0.0;
                for sample in 0..SAMPLES * SAMPLES {
                    let (dx, dy) = ((sample % SAMPLES) as f32 + 0.5, (sample / SAMPLES) as f32 + 0.5);
                    sum += at(x as f32 + dx / SAMPLES as f32, y as f32 + dy / SAMPLES as f32);
                }
                picture.push(sum / (SAMPLES * SAMPLES) as f32);
            }
        }
        if self.blur > 0.0 {
            blur(&mut picture, width as usize, self.blur);
        }
        let mut state = 0x9e37_79b9_u32;
        picture
            .iter()
            .enumerate()
            .map(|(index, value)| {
                let across = (index % self.width as usize) as f32 / self.width as f32;
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                let noise = if self.noise == 0 {
                    0.0
                } else {
                    (state % (2 * self.noise + 1)) as f32 - self.noise as f32
                };
                (value * (1.0 - self.shade * across) + noise).clamp(0.0, 255.0) as u8
            })
            .collect()
    }
}

/// A Gaussian with this standard deviation, along rows and then columns.
fn blur(picture: &mut [f32], width: usize, sigma: f32) {
    let reach = (3.0 * sigma).ceil() as isize;
    let kernel: Vec<f32> =
        (-reach..=reach).map(|at| (-((at * at) as f32) / (2.0 * sigma * sigma)).exp()).collect();
    let whole: f32 = kernel.iter().sum();
    let height = picture.len() / width;
    for (step, length) in [(1, width), (width, height)] {
        let source = picture.to_owned();
        for (index, value) in picture.iter_mut().enumerate() {
            let along = (index / step % length) as isize;
            *value = kernel
                .iter()
                .zip(-reach..=reach)
                .map(|(weight, offset)| {
                    let shift = (along + offset).clamp(0, length as isize - 1) - along;
                    weight * source[(index as isize + shift * step as isize) as usize]
                })
                .sum::<f32>()
                / whole;
        }
    }
}
