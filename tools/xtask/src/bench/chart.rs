//! Plots panels as SVG: bars side by side, or lines over a logarithmic axis.

use anyhow::Result;
use plotters::{
    coord::{Shift, ranged1d::SegmentValue},
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

const PANEL: (u32, u32) = (460, 280);
const COLUMNS: u8 = 2;
const TITLE: (&str, u32) = ("sans-serif", 14);
const LABEL: (&str, u32) = ("sans-serif", 12);
/// Room above the largest value, for its label or for the legend.
const HEADROOM: f64 = 1.2;
/// The colours of Okabe and Ito, which people with a colour vision deficiency can tell apart.
const COLOURS: [RGBColor; 4] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
];

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

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Plots panels of bars.
pub(super) fn bars(panels: &[Bars]) -> Result<String> {
    picture(panels, draw_bars)
}

/// Plots panels of lines.
pub(super) fn lines(panels: &[Lines]) -> Result<String> {
    picture(panels, draw_lines)
}

fn picture<T>(panels: &[T], draw: impl Fn(&Area<'_>, &T) -> Result<()>) -> Result<String> {
    let rows = panels.len().div_ceil(COLUMNS.into());
    let (width, height) = PANEL;
    let size = (width * u32::from(COLUMNS), height * u32::try_from(rows)?);
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    root.fill(&WHITE)?;
    for (area, panel) in root.split_evenly((rows, COLUMNS.into())).iter().zip(panels) {
        draw(area, panel)?;
    }
    root.present()?;
    drop(root);
    Ok(svg)
}

fn draw_bars(area: &Area<'_>, bars: &Bars) -> Result<()> {
    let values = || bars.values.iter().map(|(_, value)| *value).enumerate();
    let most = values().map(|(_, value)| value).fold(1.0, f64::max);
    let mut chart = panel(area, &bars.title).build_cartesian_2d(
        (0..bars.values.len()).into_segmented(),
        0.0..most * HEADROOM,
    )?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(bars.values.len())
        .x_label_formatter(&|place| match place {
            // The axis also asks for a label after the last bar.
            SegmentValue::CenterOf(place) => {
                let bar = bars.values.get(*place);
                bar.map_or_else(String::new, |(name, _)| name.clone())
            }
            SegmentValue::Exact(_) | SegmentValue::Last => String::new(),
        })
        .label_style(LABEL)
        .draw()?;
    chart.draw_series(values().map(|(place, value)| {
        let corners = [
            (SegmentValue::Exact(place), 0.0),
            (SegmentValue::Exact(place + 1), value),
        ];
        let mut bar = Rectangle::new(corners, colour(place).filled());
        bar.set_margin(0, 0, 20, 20);
        bar
    }))?;
    let above = LABEL
        .into_text_style(area)
        .pos(Pos::new(HPos::Center, VPos::Bottom));
    chart.draw_series(values().map(|(place, value)| {
        let at = (SegmentValue::CenterOf(place), value);
        Text::new(format!("{value:.0}"), at, above.clone())
    }))?;
    Ok(())
}

fn draw_lines(area: &Area<'_>, lines: &Lines) -> Result<()> {
    let points = || lines.series.iter().flat_map(|series| &series.points);
    let most = points().map(|(_, y)| *y).fold(1.0, f64::max);
    let first = points().map(|(x, _)| *x).fold(f64::MAX, f64::min).min(1.0);
    let last = points().map(|(x, _)| *x).fold(10.0, f64::max);
    let mut chart = panel(area, &lines.title)
        .build_cartesian_2d((first..last).log_scale(), 0.0..most * HEADROOM)?;
    chart.configure_mesh().label_style(LABEL).draw()?;
    for (place, series) in lines.series.iter().enumerate() {
        let style = colour(place).stroke_width(2);
        chart
            .draw_series(LineSeries::new(series.points.iter().copied(), style))?
            .label(&series.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 12, y)], style));
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.8))
        .position(SeriesLabelPosition::UpperLeft)
        .label_font(LABEL)
        .draw()?;
    Ok(())
}

fn panel<'a, 'b>(area: &'a Area<'b>, title: &str) -> ChartBuilder<'a, 'b, SVGBackend<'b>> {
    let mut panel = ChartBuilder::on(area);
    panel
        .caption(title, TITLE)
        .margin(10)
        .x_label_area_size(30)
        .y_label_area_size(50);
    panel
}

fn colour(place: usize) -> RGBColor {
    COLOURS[place % COLOURS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_labelled_with_their_names_and_values() {
        let svg = bars(&[Bars {
            title: "t & t".to_owned(),
            values: vec![("floor".to_owned(), 776.4), ("a<b".to_owned(), 0.0)],
        }])
        .unwrap();
        for text in ["t &amp; t", "floor", "776", "a&lt;b"] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
        assert!(svg.trim_end().ends_with("</svg>"));
    }

    #[test]
    fn bars_of_any_number_are_all_labelled() {
        for count in 1..=6_u32 {
            let name = |number| format!("server {number}");
            let svg = bars(&[Bars {
                title: "CPU".to_owned(),
                values: (0..count).map(|n| (name(n), f64::from(n))).collect(),
            }])
            .unwrap();
            for number in 0..count {
                assert!(svg.contains(&name(number)), "{number} of {count}: {svg}");
            }
        }
    }

    #[test]
    fn lines_of_any_number_of_points_have_finite_coordinates() {
        for points in [
            vec![],
            vec![(1.0, 10.0)],
            vec![(1.0, 10.0), (100_000.0, 20.0)],
        ] {
            let series = Series {
                name: "component".to_owned(),
                points,
            };
            let svg = lines(&[Lines {
                title: "CPU".to_owned(),
                series: vec![series],
            }])
            .unwrap();
            assert!(svg.contains("component") && !svg.contains("NaN"), "{svg}");
        }
    }
}
