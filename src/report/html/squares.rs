//! Rows of small squares, one a requirement or a case: the picture in which red is seen at a glance.
//!
//! Never says anything by colour alone: what is wrong carries a cross, what is open is hollow.

use askama::Template;

/// An inline SVG; hidden from screen readers, since words stand beside it.
#[derive(Template)]
#[template(
    source = r#"<svg class="picture" width="{{ width }}" height="{{ height }}" viewBox="0 0 {{ width }} {{ height }}" aria-hidden="true">{% for (class, d) in paths %}<path class="{{ class }}" d="{{ d }}"/>{% endfor %}</svg>"#,
    ext = "html"
)]
pub(super) struct Squares {
    width: usize,
    height: usize,
    /// A path a class, in the order in which the classes come.
    paths: Vec<(&'static str, String)>,
}

const SIDE: usize = 10;
const PITCH: usize = 13;

/// A square for each class, so many a row.
pub(super) fn squares<'a>(
    classes: impl IntoIterator<Item = &'a &'static str>,
    columns: usize,
) -> Squares {
    let mut paths: Vec<(&'static str, String)> = Vec::new();
    let mut add = |class: &'static str, d: String| match paths.iter_mut().find(|p| p.0 == class) {
        Some((_, path)) => path.push_str(&d),
        None => paths.push((class, d)),
    };
    let mut count = 0;
    for &class in classes {
        let (x, y) = (count % columns * PITCH, count / columns * PITCH);
        count += 1;
        match class {
            "met" | "conforms" | "blocked" => add(class, format!("M{x} {y}h10v10h-10z")),
            "not-met" | "not-met mild" | "deviates" => {
                add(class, format!("M{x} {y}h10v10h-10z"));
                let (x, y) = (x + 3, y + 3);
                add("cross", format!("M{x} {y}l4 4m0-4l-4 4"));
            }
            _ => add(class, format!("M{} {}h8v8h-8z", x + 1, y + 1)),
        }
    }
    // The crosses lie on top.
    paths.sort_by_key(|(class, _)| *class == "cross");
    let rows = count.div_ceil(columns);
    Squares {
        width: (count.min(columns) * PITCH).saturating_sub(PITCH - SIDE),
        height: (rows * PITCH).saturating_sub(PITCH - SIDE),
        paths,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_fill_rows_and_what_is_wrong_is_crossed_out() {
        let picture = squares(&["not-met", "met", "not-judged"], 2);
        assert_eq!((picture.width, picture.height), (23, 23));
        let paths: Vec<(&str, &str)> = picture
            .paths
            .iter()
            .map(|(c, d)| (*c, d.as_str()))
            .collect();
        let wanted = [
            ("not-met", "M0 0h10v10h-10z"),
            ("met", "M13 0h10v10h-10z"),
            ("not-judged", "M1 14h8v8h-8z"),
            ("cross", "M3 3l4 4m0-4l-4 4"),
        ];
        assert_eq!(paths, wanted);
    }

    #[test]
    fn nothing_is_an_empty_picture() {
        assert_eq!(squares(&[], 9).width, 0);
    }
}
