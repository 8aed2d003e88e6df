//! Spontaneous messages that want an answer: the catalogue says which, and what the server may say then.

use super::failure::Stop;
use super::scope::FenceScope;
use super::state::{Engine, Permission};
use crate::event::{CaseEnd, SentFor};
use crate::scenario::{Allowance, Expected, Settles};

impl Engine {
    /// Answers the frame that just came where the catalogue says so; once it is answered, the server may say
    /// `then`, and where it says that otherwise, the case cannot be applied.
    pub(super) fn answer_spontaneous(&mut self, connection: u32, name: &str) {
        let case = self.case.clone();
        let actor = self.connection(connection).actor;
        let spontaneous = &case.pack.spontaneous;
        let Some(frame) = self.connection(connection).inbox.last() else {
            return;
        };
        let body = case.pack.catalogue.wire.body(&frame.frame).cloned();
        let scope = FenceScope {
            scopes: &self.scopes,
            actor,
            fresh: "",
        };
        let fits = |expected: &Expected| {
            let fields = expected.fields.resolve(&scope);
            fields.is_ok_and(|fields| fields.matches(body.as_ref(), &mut Vec::new()))
        };
        let said = self.answered.iter().position(|(answered, i)| {
            let then = spontaneous[*i]
                .answer
                .as_ref()
                .and_then(|a| a.then.as_ref());
            *answered == connection && then.is_some_and(|then| then.message == name)
        });
        if let Some(said) = said {
            let (_, i) = self.answered[said];
            let then = spontaneous[i].answer.as_ref().and_then(|a| a.then.as_ref());
            if !then.is_some_and(fits) {
                let seq = self.connection(connection).inbox.len() - 1;
                let shown = self.show_entry(connection, u32::try_from(seq).unwrap_or(u32::MAX));
                let lines: Vec<&str> = shown.lines().map(str::trim).collect();
                let reason = format!("{} was told {}", self.actor_name(actor), lines.join(" "));
                self.stop = Some(Stop::End(CaseEnd::NotApplicable { reason }));
            }
            self.answered.remove(said);
            return;
        }
        let question = spontaneous.iter().enumerate().find_map(|(i, allowance)| {
            let expected = allowance.expected.as_ref().filter(|e| e.message == name);
            expected
                .filter(|e| fits(e))
                .and(Some((i, allowance.answer.as_ref()?)))
        });
        let Some((i, answer)) = question else {
            return;
        };
        let Ok((message, outbound)) = self.outbound(&answer.sends, Some(&scope)) else {
            return;
        };
        let fields = answer.then.as_ref().map(|then| then.fields.resolve(&scope));
        let at = spontaneous[i].place.to_string();
        self.push_send(connection, message.as_deref(), &at, SentFor::Flow, outbound);
        if let (Some(then), Some(Ok(fields))) = (&answer.then, fields) {
            self.answered.push((connection, i));
            self.permissions.push(Permission {
                actor: Some(actor),
                allowance: Allowance {
                    expected: Some(then.clone()),
                    documented: true,
                    any_number: false,
                    contradicts: None,
                    settles: Settles::default(),
                    ..spontaneous[i].clone()
                },
                fields: Some(fields),
                envelope: Vec::new(),
                used: 0,
                spontaneous: true,
                forbids: false,
            });
        }
    }
}
