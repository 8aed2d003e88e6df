//! `wireproof list`: packs, requirements, cases, and which cases cover which requirements.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::error::CliError;
use super::output::say;
use super::packs::PackArgs;
use super::page;
use crate::event::SCHEMA;
use crate::exit::Exit;
use crate::plan::{Case, Selection, plan};
use crate::scenario::Pack;

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    packs: PackArgs,
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Terminal,
    Json,
    /// A page for each pack: messages, requirements with the scenarios that prove them, readings
    Markdown,
}

pub(super) fn list(args: &ListArgs) -> Result<Exit, CliError> {
    let packs = args.packs.load()?;
    match args.format {
        Format::Terminal => say(&packs.iter().map(sheet).collect::<String>())?,
        Format::Json => {
            let packs: Vec<Json> = packs.iter().map(describe).collect();
            say(&format!(
                "{:#}\n",
                json!({ "schema": SCHEMA, "packs": packs })
            ))?;
        }
        Format::Markdown => {
            let pages: Vec<String> = packs
                .iter()
                .map(|pack| page::page(pack, &cases_of(pack)))
                .collect();
            say(&pages.join("\n"))?;
        }
    }
    Ok(Exit::Fine)
}

fn cases_of(pack: &Arc<Pack>) -> Vec<Arc<Case>> {
    plan(
        std::slice::from_ref(pack),
        &Arc::default(),
        &Selection::default(),
    )
}

fn covering<'c>(cases: &'c [Arc<Case>], id: &str) -> Vec<&'c str> {
    let covers = |case: &&Arc<Case>| case.covers.iter().any(|covered| covered == id);
    cases
        .iter()
        .filter(covers)
        .map(|case| case.id.as_str())
        .collect()
}

fn sheet(pack: &Arc<Pack>) -> String {
    let mut lines = Vec::new();
    let catalogue = &pack.catalogue;
    let cases = cases_of(pack);
    lines.push(format!(
        "{}: {} ({})",
        catalogue.name, catalogue.title, catalogue.document
    ));
    lines.push(format!(
        "  {} messages, {} cases",
        catalogue.messages.len(),
        cases.len()
    ));
    lines.push("  requirements".to_owned());
    for requirement in &catalogue.requirements {
        let covered = covering(&cases, &requirement.id).len();
        let proof = match &requirement.unprovokable {
            Some(reason) => format!("not provokable: {reason}"),
            None if covered == 1 => "1 case".to_owned(),
            None => format!("{covered} cases"),
        };
        lines.push(format!(
            "    {:<6} {:<44} {proof}",
            requirement.level.name(),
            requirement.id
        ));
    }
    lines.push("  cases".to_owned());
    for case in &cases {
        lines.push(format!("    {}", case.id));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn describe(pack: &Arc<Pack>) -> Json {
    let catalogue = &pack.catalogue;
    let cases = cases_of(pack);
    let requirements: Vec<Json> = catalogue
        .requirements
        .iter()
        .map(|requirement| {
            json!({
                "id": requirement.id,
                "level": requirement.level.name(),
                "section": requirement.section,
                "text": requirement.text,
                "unprovokable": requirement.unprovokable,
                "cases": covering(&cases, &requirement.id),
            })
        })
        .collect();
    let listed: Vec<Json> = cases
        .iter()
        .map(|case| {
            json!({
                "id": case.id,
                "scenario": case.scenario.id,
                "about": case.scenario.about,
                "at": case.scenario.place.to_string(),
                "covers": case.covers,
            })
        })
        .collect();
    let readings: Vec<Json> = catalogue
        .readings
        .iter()
        .map(|reading| {
            let options: serde_json::Map<String, Json> =
                reading.options.iter().map(|(option, meaning)| (option.clone(), json!(meaning))).collect();
            json!({ "id": reading.id, "question": reading.question, "options": options, "default": reading.default })
        })
        .collect();
    json!({
        "pack": catalogue.name,
        "title": catalogue.title,
        "document": catalogue.document,
        "codec": catalogue.wire.codec.name(),
        "messages": catalogue.messages.iter().map(|message| message.name.as_str()).collect::<Vec<_>>(),
        "requirements": requirements,
        "readings": readings,
        "cases": listed,
    })
}
