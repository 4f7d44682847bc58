//! What a camera sees of a code on a screen: turned a little, out of focus, lit unevenly, with the noise of a sensor.
#![allow(dead_code, unreachable_pub)]

use qrcode::{Color, EcLevel, QrCode, Version};

/// The quiet zone, in modules.
const QUIET: f32 = 4.0;
/// Points of each pixel that are looked at, along each side.
const SAMPLES: u32 = 2;
/// What is no module: the quiet zone, and what lies around.
const PAPER: u32 = u32::MAX;
const TABLE: u32 = u32::MAX - 1;

/// Which of so many codes a camera misses: exactly this share of them (to the nearest code), spread as by chance, always alike.
pub fn missed(codes: usize, in_a_hundred: usize) -> Vec<bool> {
    let mut missed: Vec<bool> = (0..codes).map(|at| at < (codes * in_a_hundred + 50) / 100).collect();
    let mut state = 0x2545_f491_u32;
    for at in (1..codes).rev() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        missed.swap(at, (state >> 16) as usize % (at + 1));
    }
    missed
}

/// How a code stands before the camera.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    pub width: u32,
    pub height: u32,
    /// The side of the code with its quiet zone, as a share of the picture's height.
    pub share: f32,
    /// Turned by so many degrees.
    pub degrees: f32,
    /// How often each point becomes a quarter, a half and a quarter: a standard deviation of 0.7 pixels each time, squared and added.
    pub blur: u32,
    /// How much darker the right edge is than the left one, 0 to 1.
    pub shade: f32,
    /// Most that noise adds or takes, in steps of 255.
    pub noise: u32,
}

impl Scene {
    pub const fn sharp(width: u32, height: u32) -> Self {
        Self { width, height, share: 0.95, degrees: 0.0, blur: 0, shade: 0.0, noise: 0 }
    }

    /// A hand that holds a telephone, a cheap camera, a lamp at one side.
    pub const fn worn(width: u32, height: u32) -> Self {
        Self { share: 0.9, degrees: 4.0, blur: 1, shade: 0.45, noise: 12, ..Self::sharp(width, height) }
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
        self.lens(side).picture(dark)
    }

    /// What each pixel sees of a code of `side` modules; for many codes of one size.
    pub fn lens(&self, side: i32) -> Lens {
        let pixels_a_module = self.share * self.height as f32 / (side as f32 + 2.0 * QUIET);
        let (sine, cosine) = self.degrees.to_radians().sin_cos();
        let (middle_x, middle_y) = (self.width as f32 / 2.0, self.height as f32 / 2.0);
        let half = side as f32 / 2.0;
        let mut seen = Vec::with_capacity((self.width * self.height * SAMPLES * SAMPLES) as usize);
        for y in 0..self.height {
            for x in 0..self.width {
                for sample in 0..SAMPLES * SAMPLES {
                    let within = |part: u32| (part as f32 + 0.5) / SAMPLES as f32;
                    let from_x = x as f32 + within(sample % SAMPLES) - middle_x;
                    let from_y = y as f32 + within(sample / SAMPLES) - middle_y;
                    let u = (cosine * from_x + sine * from_y) / pixels_a_module;
                    let v = (cosine * from_y - sine * from_x) / pixels_a_module;
                    let (column, row) = ((u + half).floor() as i32, (v + half).floor() as i32);
                    seen.push(if (0..side).contains(&column) && (0..side).contains(&row) {
                        (row * side + column) as u32
                    } else if u.abs().max(v.abs()) <= half + QUIET {
                        PAPER
                    } else {
                        TABLE
                    });
                }
            }
        }
        Lens { scene: *self, seen }
    }
}

/// Two codes before one camera, 720 pixels high: a wallet's screen, and a smaller one on the counter beside it.
pub fn side_by_side(screen: &str, stand: &str, worn: bool) -> (Vec<u8>, u32, u32) {
    const WIDTHS: [u32; 2] = [800, 480];
    const HEIGHT: u32 = 720;
    let scene = |width| if worn { Scene::worn(width, HEIGHT) } else { Scene::sharp(width, HEIGHT) };
    let left = Scene { share: 0.9, ..scene(WIDTHS[0]) }.of_20_m(screen);
    let right = Scene { share: 0.4, ..scene(WIDTHS[1]) }.of_text(stand);
    let rows = left.chunks(WIDTHS[0] as usize).zip(right.chunks(WIDTHS[1] as usize));
    (rows.flat_map(|(left, right)| [left, right].concat()).collect(), WIDTHS[0] + WIDTHS[1], HEIGHT)
}

/// A scene that is worked out for codes of one size.
pub struct Lens {
    scene: Scene,
    seen: Vec<u32>,
}

impl Lens {
    /// The grey pixels of these modules, row by row, `true` where dark.
    pub fn picture(&self, dark: &[bool]) -> Vec<u8> {
        let light = |at: &u32| match *at {
            PAPER => 236_u32,
            TABLE => 110,
            module => {
                if dark[module as usize] {
                    28
                } else {
                    236
                }
            }
        };
        let samples = (SAMPLES * SAMPLES) as usize;
        let mut picture: Vec<u32> = self
            .seen
            .chunks_exact(samples)
            .map(|points| points.iter().map(light).sum::<u32>() * 16 / samples as u32)
            .collect();
        for _ in 0..self.scene.blur {
            blur(&mut picture, self.scene.width as usize);
        }
        let (width, noise) = (self.scene.width as usize, self.scene.noise);
        let shades: Vec<u32> =
            (0..width).map(|x| (256.0 * (1.0 - self.scene.shade * x as f32 / width as f32)) as u32).collect();
        let mut state = 0x9e37_79b9_u32;
        let mut grain = move || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            if noise == 0 { 0 } else { (state % (2 * noise + 1)) as i32 - noise as i32 }
        };
        picture
            .iter()
            .enumerate()
            .map(|(index, value)| {
                ((value * shades[index % width] / 4096) as i32 + grain()).clamp(0, 255) as u8
            })
            .collect()
    }
}

/// Each point becomes a quarter, a half, a quarter: along rows, then along columns.
fn blur(picture: &mut [u32], width: usize) {
    let last = picture.len() - 1;
    for step in [1, width] {
        let source = picture.to_vec();
        for (index, value) in picture.iter_mut().enumerate() {
            let (before, after) = (index.saturating_sub(step), (index + step).min(last));
            *value = (source[before] + 2 * source[index] + source[after]) / 4;
        }
    }
}
