//! A mistake at its place, and all the mistakes of a run over files, rendered with excerpts.
//! Decides nothing about what a mistake is, and prints nothing.

use std::fmt;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Place, nearest};

/// One mistake. The message is a lowercase fragment: `unknown actor "carol"`.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    pub place: Place,
    pub message: String,
    /// A few words under the marked source.
    pub label: Option<String>,
    /// What to do: `did you mean "carla"?`
    pub help: Option<String>,
    /// Other places that the mistake has to do with, each with its label.
    pub related: Vec<(Place, String)>,
}

impl Diagnostic {
    pub fn new(place: &Place, message: impl Into<String>) -> Self {
        Diagnostic {
            place: place.clone(),
            message: message.into(),
            label: None,
            help: None,
            related: Vec::new(),
        }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Shows another place as well: where the key stood first, where the actor is declared.
    pub fn related(mut self, place: &Place, label: impl Into<String>) -> Self {
        self.related.push((place.clone(), label.into()));
        self
    }

    /// Asks whether the nearest candidate was meant; without a near one nothing is added.
    pub fn suggest(
        self,
        word: &str,
        candidates: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        let candidates: Vec<_> = candidates.into_iter().collect();
        match nearest(word, candidates.iter().map(AsRef::as_ref)) {
            Some(near) => {
                let help = format!("did you mean {near:?}?");
                self.help(help)
            }
            None => self,
        }
    }

    fn group(&self) -> Group<'_> {
        let (here, elsewhere): (Vec<_>, Vec<_>) = self
            .related
            .iter()
            .partition(|(place, _)| place.file() == self.place.file());
        let mut marks = vec![(AnnotationKind::Primary, &self.place, self.label.as_deref())];
        marks.extend(
            here.iter()
                .map(|(place, label)| (AnnotationKind::Context, place, Some(label.as_str()))),
        );
        let elsewhere = elsewhere.iter().map(|(place, label)| {
            excerpt(&[(AnnotationKind::Context, place, Some(label.as_str()))])
        });
        Level::ERROR
            .primary_title(self.message.as_str())
            .element(excerpt(&marks))
            .elements(elsewhere)
            .elements(self.help.as_deref().map(|help| Level::HELP.message(help)))
    }
}

/// The lines that hold the marked places, which are of one file. Of a place over several lines its
/// first is marked: a whole map marked from end to end hides itself.
fn excerpt<'a>(
    marks: &[(AnnotationKind, &'a Place, Option<&'a str>)],
) -> Snippet<'a, Annotation<'a>> {
    let file = marks[0].1.source();
    let first = marks
        .iter()
        .map(|(_, place, _)| *place)
        .min()
        .unwrap_or(marks[0].1);
    let last = marks
        .iter()
        .map(|(_, place, _)| place.range().start)
        .max()
        .unwrap_or_default();
    let start = file.text[..first.range().start]
        .rfind('\n')
        .map_or(0, |end| end + 1);
    let end = file.text[last..]
        .find('\n')
        .map_or(file.text.len(), |end| last + end);
    let source = file.text[start..end].trim_end_matches('\r');
    let annotations = marks.iter().map(|(kind, place, label)| {
        let line = place
            .text()
            .split('\n')
            .next()
            .unwrap_or_default()
            .trim_end();
        let from = (place.range().start - start).min(source.len());
        kind.span(from..from + line.len()).label(*label)
    });
    Snippet::source(source)
        .line_start(first.line())
        .path(file.name.as_str())
        .annotations(annotations)
}

/// One line: `file:line:col: message; help`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        write!(f, "{}: {}", self.place, line(&self.message))?;
        match &self.help {
            Some(help) => write!(f, "; {}", line(help)),
            None => Ok(()),
        }
    }
}

/// Mistakes in the order of their places, each once.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    sorted: Vec<Diagnostic>,
}

impl Diagnostics {
    /// A mistake that is known already (same place, same message) is not taken twice.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let key = |d: &Diagnostic| (d.place.clone(), d.message.clone());
        if let Err(at) = self.sorted.binary_search_by_key(&key(&diagnostic), key) {
            self.sorted.insert(at, diagnostic);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.sorted.iter()
    }

    /// Keeps the first ones, and says how many there were besides.
    pub(super) fn limited_to(mut self, most: usize) -> Self {
        let more = self.sorted.split_off(most.min(self.len()));
        if let Some(first) = more.first() {
            let message = format!("{} more mistakes from here on", more.len());
            self.push(Diagnostic::new(&first.place, message));
        }
        self
    }

    /// The value, if nothing is wrong.
    pub fn into_result<T>(self, value: T) -> Result<T, Diagnostics> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }

    /// Excerpts in the manner of rustc, one after the other; ends with a line end.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let reports: Vec<_> = self
            .iter()
            .map(|d| renderer.render(&[d.group()]) + "\n")
            .collect();
        reports.join("\n")
    }
}

/// Plain, a line each.
impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, diagnostic) in self.iter().enumerate() {
            write!(f, "{}{diagnostic}", if i == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

impl std::error::Error for Diagnostic {}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        diagnostics
            .into_iter()
            .for_each(|diagnostic| self.push(diagnostic));
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics {
            sorted: vec![diagnostic],
        }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        let mut all = Diagnostics::default();
        all.extend(diagnostics);
        all
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.sorted.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    fn unknown_actor() -> Diagnostic {
        let text =
            "actors: { alice: logged-in, carla: logged-in }\nsteps:\n  - é: 日, carol sends: {}\n";
        let file = SourceFile::new("scenarios/friendchat/friends.yaml", text);
        let place = file.place(0..text.len());
        Diagnostic::new(&place.find("carol"), "unknown actor \"carol\"")
            .label("not among the actors")
            .suggest("carol", ["alice", "carla"])
            .related(
                &place.find("alice: logged-in, carla: logged-in"),
                "the actors",
            )
    }

    #[test]
    fn a_line_says_place_message_and_help() {
        assert_eq!(
            unknown_actor().to_string(),
            "scenarios/friendchat/friends.yaml:3:11: unknown actor \"carol\"; did you mean \"carla\"?"
        );
        let place = SourceFile::new("a.yaml", "x").place(0..1);
        let far = Diagnostic::new(&place, "unknown\nactor").suggest("zoe", ["alice"]);
        assert_eq!(far.to_string(), "a.yaml:1:1: unknown actor");
    }

    #[test]
    fn an_excerpt_marks_the_place_and_what_it_has_to_do_with() {
        let rendered = Diagnostics::from(unknown_actor()).render(false);
        let expected = "\
error: unknown actor \"carol\"
 --> scenarios/friendchat/friends.yaml:3:11
  |
1 | actors: { alice: logged-in, carla: logged-in }
  |           ---------------------------------- the actors
2 | steps:
3 |   - é: 日, carol sends: {}
  |            ^^^^^ not among the actors
  |
  = help: did you mean \"carla\"?
";
        assert_eq!(rendered, expected);
    }

    #[test]
    fn color_is_only_there_when_asked_for() {
        let mistakes = Diagnostics::from(unknown_actor());
        assert!(mistakes.render(true).contains("\u{1b}["));
        assert!(!mistakes.render(false).contains('\u{1b}'));
    }

    #[test]
    fn a_place_over_several_lines_is_marked_on_its_first() {
        let file = SourceFile::new("a.yaml", "a: {\r\n  b: 1,\r\n  c: 2 }\r\n");
        let rendered =
            Diagnostics::from(Diagnostic::new(&file.place(3..24), "wrong")).render(false);
        assert_eq!(
            rendered,
            "error: wrong\n --> a.yaml:1:4\n  |\n1 | a: {\n  |    ^\n"
        );
    }

    #[test]
    fn one_report_covers_several_files_in_the_order_of_places() {
        let (a, b) = (
            SourceFile::new("a.yaml", "x: 1\ny: 2\n"),
            SourceFile::new("b.yaml", "\n\nz: 3\n"),
        );
        let mut mistakes = Diagnostics::default();
        mistakes.push(Diagnostic::new(&b.place(2..3), "third").related(&a.place(0..1), "as here"));
        mistakes.extend([
            Diagnostic::new(&a.place(5..6), "second"),
            Diagnostic::new(&a.place(0..1), "first"),
        ]);
        mistakes.push(Diagnostic::new(&a.place(5..6), "second"));
        assert_eq!(
            mistakes.to_string(),
            "a.yaml:1:1: first\na.yaml:2:1: second\nb.yaml:3:1: third"
        );
        assert_eq!(mistakes.len(), 3);
        let rendered = mistakes.render(false);
        assert!(
            rendered.contains(" --> b.yaml:3:1\n") && rendered.contains("::: a.yaml:1:1\n"),
            "{rendered}"
        );
    }

    #[test]
    fn nothing_wrong_is_a_value() {
        assert_eq!(Diagnostics::default().into_result(1).ok(), Some(1));
        let mistakes = Diagnostics::from(unknown_actor())
            .into_result(1)
            .expect_err("a mistake");
        assert_eq!(mistakes.into_iter().count(), 1);
    }
}
