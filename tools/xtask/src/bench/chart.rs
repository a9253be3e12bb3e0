//! Plots as SVG: bars side by side, and lines over a logarithmic axis.

use std::fmt::{self, Write as _};

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 280.0;
/// Room for the axes and what stands at them.
const LEFT: f64 = 56.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 60.0;
const BASE: f64 = HEIGHT - BOTTOM;
const COLUMNS: usize = 2;
/// Told apart also by those who see few colours (Okabe and Ito).
const COLOURS: [&str; 4] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];

/// A panel of bars.
pub(super) struct Bars {
    pub(super) title: String,
    pub(super) values: Vec<(String, f64)>,
}

/// A panel of lines.
pub(super) struct Lines {
    pub(super) title: String,
    pub(super) series: Vec<Series>,
}

/// A line, from left to right.
pub(super) struct Series {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
}

/// Panels of bars as one picture.
pub(super) fn bars(panels: &[Bars]) -> String {
    picture(panels.iter().map(bar_panel))
}

/// Panels of lines as one picture.
pub(super) fn lines(panels: &[Lines]) -> String {
    picture(panels.iter().map(line_panel))
}

fn picture(panels: impl ExactSizeIterator<Item = String>) -> String {
    let rows = panels.len().div_ceil(COLUMNS);
    let (width, height) = (WIDTH * count(COLUMNS), HEIGHT * count(rows));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (place, panel) in panels.enumerate() {
        let x = WIDTH * count(place % COLUMNS);
        let y = HEIGHT * count(place / COLUMNS);
        add(
            &mut svg,
            format_args!("<g transform=\"translate({x} {y})\">\n{panel}</g>\n"),
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn bar_panel(bars: &Bars) -> String {
    let most = round_up(bars.values.iter().map(|(_, value)| *value));
    let mut svg = frame(&bars.title, most);
    let step = (WIDTH - LEFT - RIGHT) / count(bars.values.len().max(1));
    for (place, (name, value)) in bars.values.iter().enumerate() {
        let left = LEFT + step * count(place);
        let (top, middle) = (height_of(*value, most), left + step / 2.0);
        add(
            &mut svg,
            format_args!(
                "<rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{}\"/>\n",
                left + step * 0.2,
                step * 0.6,
                BASE - top,
                colour(place)
            ),
        );
        text(
            &mut svg,
            (middle, top - 4.0),
            "middle",
            &format!("{value:.0}"),
        );
        text(&mut svg, (middle, BASE + 16.0), "middle", name);
    }
    svg
}

fn line_panel(lines: &Lines) -> String {
    let points = || lines.series.iter().flat_map(|series| &series.points);
    let most = round_up(points().map(|(_, y)| *y));
    let mut xs: Vec<f64> = points().map(|(x, _)| *x).collect();
    xs.sort_by(f64::total_cmp);
    xs.dedup();
    let (first, last) = match (xs.first(), xs.last()) {
        (Some(first), Some(last)) if last > first => (first.ln(), last.ln()),
        _ => (0.0, 1.0),
    };
    let place_of = |x: f64| LEFT + (WIDTH - LEFT - RIGHT) * (x.ln() - first) / (last - first);
    let mut svg = frame(&lines.title, most);
    for x in xs {
        text(
            &mut svg,
            (place_of(x), BASE + 16.0),
            "middle",
            &x.to_string(),
        );
    }
    for (place, series) in lines.series.iter().enumerate() {
        let mut path = String::new();
        for (x, y) in &series.points {
            let (x, y) = (place_of(*x), height_of(*y, most));
            add(&mut path, format_args!("{x:.1},{y:.1} "));
        }
        let (key_x, key_y) = (
            LEFT + 190.0 * count(place % 2),
            BASE + 32.0 + 14.0 * count(place / 2),
        );
        add(
            &mut svg,
            format_args!(
                "<polyline points=\"{path}\" fill=\"none\" stroke=\"{0}\" stroke-width=\"2\"/>\n\
                 <rect x=\"{key_x:.1}\" y=\"{1:.1}\" width=\"12\" height=\"3\" fill=\"{0}\"/>\n",
                colour(place),
                key_y - 5.0
            ),
        );
        text(&mut svg, (key_x + 16.0, key_y), "start", &series.name);
    }
    svg
}

/// The title, and a vertical axis from zero.
fn frame(title: &str, most: f64) -> String {
    const TICKS: u8 = 4;
    let mut svg = String::new();
    for tick in 0..=TICKS {
        let value = most * f64::from(tick) / f64::from(TICKS);
        let y = height_of(value, most);
        add(
            &mut svg,
            format_args!(
                "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>\n",
                WIDTH - RIGHT
            ),
        );
        text(&mut svg, (LEFT - 6.0, y + 4.0), "end", &value.to_string());
    }
    text(&mut svg, (LEFT, 20.0), "start", title);
    svg
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    add(
        svg,
        format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>\n"),
    );
}

fn colour(place: usize) -> &'static str {
    COLOURS[place % COLOURS.len()]
}

fn height_of(value: f64, most: f64) -> f64 {
    BASE - (BASE - TOP) * value / most
}

/// The next 1, 2 or 4 times a power of ten: a quarter of it is a number that reads well.
fn round_up(values: impl Iterator<Item = f64>) -> f64 {
    let most = values.fold(1.0, f64::max);
    let power = 10_f64.powf(most.log10().floor());
    let steps = [1.0, 2.0, 4.0, 10.0].map(|step| step * power);
    steps.into_iter().find(|step| *step >= most).unwrap_or(most)
}

/// Writing to a `String` cannot fail.
fn add(svg: &mut String, text: fmt::Arguments<'_>) {
    _ = svg.write_fmt(text);
}

#[expect(clippy::cast_precision_loss, reason = "a few panels")]
fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "powers of ten are exact")]
    fn axes_end_at_numbers_that_read_well() {
        for (most, end) in [(0.3, 1.0), (1.0, 1.0), (776.0, 1000.0), (330.0, 400.0)] {
            assert_eq!(round_up([most].into_iter()), end, "{most}");
        }
    }

    #[test]
    fn lines_go_from_the_left_end_to_the_right() {
        let series = Series {
            name: "a<b".to_owned(),
            points: vec![(1.0, 10.0), (100_000.0, 20.0)],
        };
        let svg = lines(&[Lines {
            title: "t & t".to_owned(),
            series: vec![series],
        }]);
        assert!(svg.contains("t &amp; t") && svg.contains("a&lt;b"));
        assert!(svg.contains("points=\"56.0,130.0 440.0,40.0 \""), "{svg}");
        assert!(!svg.contains("NaN"));
    }
}
