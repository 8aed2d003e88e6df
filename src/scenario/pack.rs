//! A pack from its files: the catalogue first, then flows, fences and scenarios.

use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use include_dir::{Dir, include_dir};

use super::names::{Names, Signature};
use super::read::{read_fences, read_flows, read_scenario, read_signatures, read_spontaneous};
use super::{Pack, Scenario};
use crate::protocol::{self, Catalogue, Unread};
use crate::source::{self, Diagnostic, Diagnostics, Kind, Node, SourceFile};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// The files of one pack, not yet read.
#[derive(Clone, Debug)]
pub struct PackSource {
    pub name: String,
    pub protocol: Arc<SourceFile>,
    pub scenarios: Vec<Arc<SourceFile>>,
}

/// The packs that come with the program, by name.
pub fn embedded() -> Vec<PackSource> {
    let mut packs: Vec<PackSource> = EMBEDDED
        .dirs()
        .filter_map(|dir| {
            let mut files: Vec<_> = all_files(dir)
                .into_iter()
                .filter_map(|file| {
                    let path = file.path().to_str()?;
                    Some(SourceFile::new(
                        format!("scenarios/{path}"),
                        file.contents_utf8()?,
                    ))
                })
                .filter(|file| is_yaml(&file.name))
                .collect();
            files.sort_by(|a, b| a.name.cmp(&b.name));
            PackSource::of(dir.path().to_str()?, files)
        })
        .collect();
    packs.sort_by(|a, b| a.name.cmp(&b.name));
    packs
}

/// A file beside the scenarios of an embedded pack that is none of them, by its name.
pub fn embedded_beside(pack: &str, name: &str) -> Option<&'static str> {
    EMBEDDED.get_file(format!("{pack}/{name}"))?.contents_utf8()
}

fn all_files<'d>(dir: &'d Dir<'d>) -> Vec<&'d include_dir::File<'d>> {
    dir.files().chain(dir.dirs().flat_map(all_files)).collect()
}

impl PackSource {
    /// Reads the `.yaml` files of a folder and the folders below it.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or there is no `protocol.yaml`.
    pub fn from_dir(dir: &Path) -> io::Result<PackSource> {
        let none = || io::Error::new(io::ErrorKind::NotFound, "there is no protocol.yaml in it");
        // Before anything else is read: the folder could be somebody's home.
        if fs::metadata(dir)?.is_dir() && !dir.join("protocol.yaml").is_file() {
            return Err(none());
        }
        let mut files = Vec::new();
        collect_files(dir, &mut files)?;
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let name = dir
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        PackSource::of(&name, files).ok_or_else(none)
    }

    fn of(name: &str, mut files: Vec<Arc<SourceFile>>) -> Option<PackSource> {
        let at = files
            .iter()
            .position(|file| file_name(&file.name) == "protocol.yaml")?;
        let protocol = files.remove(at);
        Some(PackSource {
            name: name.to_owned(),
            protocol,
            scenarios: files,
        })
    }
}

fn collect_files(dir: &Path, files: &mut Vec<Arc<SourceFile>>) -> io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect_files(&path, files)?;
        } else if is_yaml(&path.to_string_lossy()) {
            files.push(SourceFile::new(
                path.display().to_string(),
                std::fs::read_to_string(&path)?,
            ));
        }
    }
    Ok(())
}

fn is_yaml(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending == "yaml" || ending == "yml")
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Reads a pack, or says all that is wrong with it.
pub fn read_pack(source: &PackSource) -> Result<Pack, Diagnostics> {
    let roots = source::parse(&source.protocol)?;
    let [root] = roots.as_slice() else {
        let mut problems = Diagnostics::default();
        problems.push(Diagnostic::new(
            &roots[1].place,
            "protocol.yaml is one document, without `---`",
        ));
        return Err(problems);
    };
    let (catalogue, unread) = protocol::read(root)?;
    let mut problems = Diagnostics::default();
    let mut documents = Vec::new();
    for file in &source.scenarios {
        match source::parse(file) {
            Ok(nodes) => documents.extend(nodes),
            Err(found) => problems.extend(found),
        }
    }
    let reader = ScenarioReader::new(catalogue, &unread, &documents, &mut problems);
    let names = reader.names();
    let flows = read_flows(unread.flows.as_ref(), &names, &mut problems);
    let fences = read_fences(unread.fences.as_ref(), &names, &mut problems);
    let spontaneous = read_spontaneous(unread.spontaneous.as_ref(), &names, &mut problems);
    let mut scenarios: Vec<Arc<Scenario>> = Vec::new();
    for document in &documents {
        let Some(scenario) = read_scenario(document, &mut names.clone(), &mut problems) else {
            continue;
        };
        if let Some(other) = scenarios.iter().find(|other| other.id == scenario.id) {
            problems.push(
                Diagnostic::new(
                    &scenario.place,
                    format!("scenario \"{}\" stands twice", scenario.id),
                )
                .label("again here")
                .related(&other.place, "first here"),
            );
        }
        scenarios.push(Arc::new(scenario));
    }
    let flows = flows.into_iter().map(Arc::new).collect();
    problems.into_result(Pack {
        catalogue: reader.catalogue,
        flows,
        fences,
        spontaneous,
        scenarios,
    })
}

/// Reads single scenarios of a pack, such as those that a program writes.
#[derive(Debug)]
pub struct ScenarioReader {
    catalogue: Catalogue,
    signatures: Vec<Signature>,
    captured_fields: Vec<String>,
}

impl ScenarioReader {
    /// For scenarios of this pack; its own are not read.
    pub fn of(source: &PackSource) -> Result<ScenarioReader, Diagnostics> {
        let roots = source::parse(&source.protocol)?;
        let (catalogue, unread) = protocol::read(&roots[0])?;
        let mut problems = Diagnostics::default();
        let reader = ScenarioReader::new(catalogue, &unread, &[], &mut problems);
        problems.into_result(reader)
    }

    fn new(
        catalogue: Catalogue,
        unread: &Unread,
        documents: &[Node],
        problems: &mut Diagnostics,
    ) -> ScenarioReader {
        let signatures = read_signatures(unread.flows.as_ref(), problems);
        let mut captured_fields = Vec::new();
        for node in unread.flows.iter().chain(documents) {
            find_captured_fields(node, &mut captured_fields);
        }
        ScenarioReader {
            catalogue,
            signatures,
            captured_fields,
        }
    }

    /// The scenarios of a file, or all that is wrong with them.
    pub fn read(&self, file: &Arc<SourceFile>) -> Result<Vec<Arc<Scenario>>, Diagnostics> {
        let mut problems = Diagnostics::default();
        let mut scenarios = Vec::new();
        for document in &source::parse(file)? {
            let scenario = read_scenario(document, &mut self.names(), &mut problems);
            scenarios.extend(scenario.map(Arc::new));
        }
        problems.into_result(scenarios)
    }

    fn names(&self) -> Names<'_> {
        Names {
            catalogue: &self.catalogue,
            signatures: &self.signatures,
            captured_fields: &self.captured_fields,
            actors: Vec::new(),
            variables: Vec::new(),
            in_flow: false,
        }
    }
}

/// The fields of actors that some matcher captures to: `<id as me.user_id>` makes `user_id` one.
fn find_captured_fields(node: &Node, fields: &mut Vec<String>) {
    match &node.kind {
        Kind::Str { text, .. } => {
            let capture = text
                .strip_suffix('>')
                .and_then(|text| text.rsplit_once(" as "));
            if let Some((_, field)) = capture.and_then(|(_, name)| name.split_once('.')) {
                fields.push(field.to_owned());
            }
        }
        Kind::List(items) => items
            .iter()
            .for_each(|item| find_captured_fields(item, fields)),
        Kind::Map(pairs) => pairs
            .iter()
            .for_each(|(_, value)| find_captured_fields(value, fields)),
        _ => {}
    }
}
