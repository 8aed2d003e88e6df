//! The parser's events to nodes, with the mistakes that need no syntax error.
//!
//! Refuses what a person could take for something else than the harness does: number-like text,
//! `code:0` without the space, keys without a value, duplicate keys; and what hides where a value comes
//! from: anchors, aliases, tags, merge keys. Refuses what is too deep or too much. Types are read from
//! the source text of a scalar, never from the parser's own idea of it.

use std::{ops::Range, sync::Arc};

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

use super::{
    Diagnostic, Kind, Node, SourceFile,
    entry::{Seen, check_key, check_value, colon_glued, glued_colon},
    refuse::{
        directive_found, find_directive, find_outside_comments, properties_refused, tab_found,
        too_deep,
    },
    scalar::read_plain,
    syntax::Stop,
};

pub(super) const MAX_NODES: usize = 10_000;
pub(super) const MAX_DEPTH: usize = 64;

pub(super) struct Reader<'a> {
    file: &'a Arc<SourceFile>,
    text: &'a str,
    pub(super) documents: Vec<Node>,
    pub(super) mistakes: Vec<Diagnostic>,
    open: Vec<Collection>,
    nodes: usize,
    /// The end of the last token.
    after: usize,
    /// Quoted texts and text blocks, where tabs and `#` are plain.
    opaque: Vec<Range<usize>>,
}

/// A list or map whose end has not come yet.
struct Collection {
    start: usize,
    flow: bool,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        pairs: Vec<(Node, Node)>,
        key: Option<Node>,
        seen: Seen,
    },
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a Arc<SourceFile>, text: &'a str) -> Self {
        Reader {
            file,
            text,
            documents: Vec::new(),
            mistakes: Vec::new(),
            open: Vec::new(),
            nodes: 0,
            after: 0,
            opaque: Vec::new(),
        }
    }

    /// Reads to the end, or to the syntax error that stops it, or to a limit.
    pub(super) fn read(&mut self) -> Option<Stop> {
        let text = self.text;
        let options = granit_parser::options! {
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
            emit_comments: false,
        };
        for next in Parser::new_from_str_with_options(text, options) {
            match next {
                Ok((event, span)) => {
                    if !self.take(event, &span) {
                        self.documents.clear();
                        break;
                    }
                }
                Err(error) => {
                    let mut starts = self.open.iter().rev().map(|collection| collection.start);
                    let open = starts.find(|&start| text[start..].starts_with(['{', '[']));
                    let stop = Stop {
                        after: self.after,
                        open,
                        error,
                    };
                    let end = stop.error.marker().byte_offset().unwrap_or(self.after);
                    self.find_tabs(end.min(text.len()));
                    return Some(stop);
                }
            }
        }
        self.find_tabs(text.len());
        None
    }

    /// False where a limit is exceeded.
    fn take(&mut self, event: Event<'_>, span: &Span) -> bool {
        let range = span.byte_range().unwrap_or(self.after..self.after);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_properties(anchor, tag.is_some(), span, range.start);
                let node = self.scalar(&text, style, range);
                self.after = self.after.max(node.place.range().end);
                self.add(node)
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.refuse_properties(anchor, tag.is_some(), span, range.start);
                self.start(range, style, Content::List(Vec::new()))
            }
            Event::MappingStart(style, anchor, tag) => {
                self.refuse_properties(anchor, tag.is_some(), span, range.start);
                let content = Content::Map {
                    pairs: Vec::new(),
                    key: None,
                    seen: Seen::default(),
                };
                self.start(range, style, content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(range),
            Event::Alias(_) => {
                self.mistakes
                    .push(properties_refused(self.file, self.text, range.start));
                self.after = range.end;
                self.add(Node {
                    kind: Kind::Null,
                    place: self.file.place(range),
                })
            }
            Event::DocumentStart(explicit, _) => {
                if explicit {
                    self.refuse_directives(range.start);
                    self.after = range.end;
                }
                true
            }
            Event::DocumentEnd => {
                self.after = self.after.max(range.end);
                true
            }
            _ => true,
        }
    }

    fn start(&mut self, range: Range<usize>, style: StructureStyle, content: Content) -> bool {
        let flow = style == StructureStyle::Flow;
        if self.open.len() == MAX_DEPTH {
            self.mistakes.push(too_deep(self.file, range.start));
            return false;
        }
        if flow {
            self.after = range.end;
        }
        self.open.push(Collection {
            start: range.start,
            flow,
            content,
        });
        true
    }

    fn end(&mut self, range: Range<usize>) -> bool {
        let Some(Collection {
            start,
            flow,
            content,
        }) = self.open.pop()
        else {
            return true;
        };
        if flow {
            self.after = self.after.max(range.end);
        }
        let place = self.file.place(start..self.after);
        let kind = match content {
            Content::List(items) => Kind::List(items),
            Content::Map { pairs, .. } => Kind::Map(pairs),
        };
        self.add(Node { kind, place })
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, mut range: Range<usize>) -> Node {
        let source = &self.text[range.clone()];
        let text = || Kind::Str {
            text: value.to_owned(),
            quoted: style != ScalarStyle::Plain,
        };
        let kind = if style != ScalarStyle::Plain {
            self.opaque.push(range.clone());
            range.end = range.start + source.trim_end().len();
            text()
        } else if let Some((_, continued)) = source.split_once('\n') {
            self.find_entries_in(continued, range.end - continued.len());
            text()
        } else {
            if range.is_empty() && !self.at_key() && self.text[range.start..].starts_with(':') {
                range = range.start + 1..range.start + 1; // a missing value stands behind its colon
            }
            read_plain(source).unwrap_or_else(|unclear| {
                let place = self.file.place(range.clone());
                self.mistakes
                    .push(Diagnostic::new(&place, unclear.message).help(unclear.help));
                text()
            })
        };
        Node {
            kind,
            place: self.file.place(range),
        }
    }

    fn at_key(&self) -> bool {
        let content = self.open.last().map(|collection| &collection.content);
        matches!(content, Some(Content::Map { key: None, .. }))
    }

    /// A plain text over several lines swallows an entry whose colon lacks its space.
    fn find_entries_in(&mut self, continued: &str, start: usize) {
        let mut at = start;
        for line in continued.split_inclusive('\n') {
            let entry = line.trim();
            let indent = line.len() - line.trim_start().len();
            if let Some(colon) = glued_colon(entry) {
                let place = self.file.place(at + indent..at + indent + entry.len());
                self.mistakes.push(colon_glued(&place, colon));
            }
            at += line.len();
        }
    }

    fn add(&mut self, node: Node) -> bool {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let message = format!("more than {MAX_NODES} values in one file");
            self.mistakes
                .push(Diagnostic::new(&node.place, message).help("split the file"));
            return false;
        }
        let Some(Collection { flow, content, .. }) = self.open.last_mut() else {
            self.check_document(&node);
            self.documents.push(node);
            return true;
        };
        match content {
            Content::List(items) => items.push(node),
            Content::Map { pairs, key, seen } => match key.take() {
                None => {
                    self.mistakes.extend(check_key(&node, *flow, seen));
                    *key = Some(node);
                }
                Some(key) => {
                    self.mistakes
                        .extend(check_value(self.text, &key, &node, *flow));
                    pairs.push((key, node));
                }
            },
        }
        true
    }

    fn check_document(&mut self, node: &Node) {
        if node.is_null() && node.place.range().is_empty() {
            let at = node.place.range().start;
            let marker = if self.text[..at].ends_with("---") {
                at - 3..at
            } else {
                at..at
            };
            let help = "remove the \"---\" that has nothing after it";
            self.mistakes
                .push(Diagnostic::new(&self.file.place(marker), "an empty document").help(help));
        } else if node.is_plain()
            && let Some(colon) = glued_colon(node.place.text())
        {
            self.mistakes.push(colon_glued(&node.place, colon));
        }
    }

    fn refuse_properties(&mut self, anchor: usize, tagged: bool, span: &Span, start: usize) {
        if anchor != 0 {
            let at = find_outside_comments(self.text, self.after..start, '&').unwrap_or(start);
            self.mistakes
                .push(properties_refused(self.file, self.text, at));
        }
        if tagged {
            let at = span
                .tag_start()
                .and_then(|mark| mark.byte_offset())
                .unwrap_or(start);
            self.mistakes
                .push(properties_refused(self.file, self.text, at));
        }
    }

    fn refuse_directives(&mut self, document: usize) {
        let mut at = self.after;
        while let Some(directive) = find_directive(self.text, at..document) {
            at = directive.end;
            self.mistakes.push(directive_found(self.file, directive));
        }
    }

    /// Tabs outside of quotes, text blocks and comments.
    fn find_tabs(&mut self, end: usize) {
        let mut at = 0;
        for opaque in self.opaque.iter().cloned().chain(std::iter::once(end..end)) {
            let mut gap = at..opaque.start.min(end);
            while let Some(tab) = find_outside_comments(self.text, gap.clone(), '\t') {
                self.mistakes.push(tab_found(self.file, tab));
                let run = self.text[tab..].len() - self.text[tab..].trim_start_matches('\t').len();
                gap.start = (tab + run).min(gap.end);
            }
            at = opaque.end.max(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::parse;

    fn documents(text: &str) -> Vec<Node> {
        parse(&SourceFile::new("a.yaml", text)).expect("a valid file")
    }

    #[test]
    fn every_node_knows_its_place() {
        let text = "steps:\n  - bob receives: { é: [1, 'x y'], n: }\n    proves: a.b\nlast:\n";
        let root = &documents(text)[0];
        let step = &root.get("steps").and_then(Node::as_list).expect("steps")[0];
        let message = step.get("bob receives").expect("a message");
        assert_eq!(root.place.to_string(), "a.yaml:1:1");
        assert_eq!(step.place.to_string(), "a.yaml:2:5");
        assert_eq!(
            step.place.text(),
            "bob receives: { é: [1, 'x y'], n: }\n    proves: a.b"
        );
        assert_eq!(message.place.text(), "{ é: [1, 'x y'], n: }");
        let quoted = &message.get("é").and_then(Node::as_list).expect("a list")[1];
        assert_eq!(
            (quoted.place.to_string().as_str(), quoted.place.text()),
            ("a.yaml:2:28", "'x y'")
        );
        assert_eq!(
            message.get("n").expect("n").place.to_string(),
            "a.yaml:2:38"
        );
        assert_eq!(
            root.get("last").expect("last").place.to_string(),
            "a.yaml:4:6"
        );
    }

    #[test]
    fn quotes_and_text_blocks_keep_text_from_being_typed() {
        let root = &documents(
            "a: x\nb: '1'\nc: \"tr\\u0075e\"\nd: |\n  null\ne: >-\n  one\n  two\nf: one\n  two\n",
        )[0];
        let read = |key| {
            let node = root.get(key).expect("a known key");
            (
                node.as_str().expect("text").to_owned(),
                node.is_plain(),
                node.place.text().to_owned(),
            )
        };
        assert_eq!(read("a"), ("x".into(), true, "x".into()));
        assert_eq!(read("b"), ("1".into(), false, "'1'".into()));
        assert_eq!(read("c"), ("true".into(), false, "\"tr\\u0075e\"".into()));
        assert_eq!(read("d"), ("null\n".into(), false, "null".into()));
        assert_eq!(read("e"), ("one two".into(), false, "one\n  two".into()));
        assert_eq!(read("f"), ("one two".into(), true, "one\n  two".into()));
    }

    #[test]
    fn plain_scalars_are_typed_from_their_source() {
        let root = &documents("{ a: 1, b: -1.5, c: true, d: null, e: , f: yes, g: 2s, 7: h }")[0];
        let types: Vec<_> = root
            .as_map()
            .expect("a map")
            .iter()
            .map(|(_, node)| node.type_name())
            .collect();
        assert_eq!(
            types,
            [
                "int", "float", "bool", "null", "null", "string", "string", "string"
            ]
        );
        assert_eq!(
            parse(&SourceFile::new("a.yaml", "a: 0123\n"))
                .expect_err("a mistake")
                .to_string(),
            "a.yaml:1:4: \"0123\" could be read as a number; quote it: \"0123\""
        );
    }
}
