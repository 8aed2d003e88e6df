use std::collections::BTreeSet;

use super::clients::breaking;
use super::{catalogue, for_each_pack, transcript};
use crate::behaviour::{Behaviour, UnknownSetting};
use crate::pack::{Pack, protocol, rules};

for_each_pack! {
    the_rules_are_the_requirements_that_the_catalogue_demands,
    each_way_of_breaking_a_rule_changes_something_and_no_two_the_same,
    an_unknown_rule_or_way_is_refused_by_name
}

fn the_rules_are_the_requirements_that_the_catalogue_demands(pack: Pack) {
    let ours: BTreeSet<String> = rules(pack).iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(ours.len(), rules(pack).len(), "an id is there twice");
    let (musts, others) = catalogue::requirements(pack);
    let demanded: BTreeSet<String> = musts.union(&catalogue::shapes(pack)).cloned().collect();
    let missing: Vec<_> = demanded.difference(&ours).collect();
    let unknown: Vec<_> = ours
        .difference(&demanded)
        .filter(|id| !others.contains(*id))
        .collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "missing {missing:?}, unknown {unknown:?}"
    );
}

fn each_way_of_breaking_a_rule_changes_something_and_no_two_the_same(pack: Pack) {
    let kept = transcript(pack, &Behaviour::default());
    for rule in rules(pack) {
        assert!(!rule.ways.is_empty(), "{} has no way", rule.id);
        let mut seen = vec![kept.clone()];
        for (way, does) in rule.ways.iter().enumerate() {
            let transcript = transcript(pack, &breaking(&format!("{}#{way}", rule.id)));
            assert!(!seen.contains(&transcript), "{}#{way}: {does}", rule.id);
            seen.push(transcript);
        }
    }
}

fn an_unknown_rule_or_way_is_refused_by_name(pack: Pack) {
    let refused = |rule: &str| protocol(pack, &breaking(rule)).err().expect("refused");
    let unknown = refused("no.such-rule");
    assert!(matches!(&unknown, UnknownSetting::Rule { id, .. } if id == "no.such-rule"));
    let rule = &rules(pack)[0];
    let message = refused(&format!("{}#9", rule.id)).to_string();
    let (id, does) = (rule.id, rule.ways[0]);
    let said = format!("rule `{id}` has no way 9; there are 0 ({does})");
    assert!(message.starts_with(&said), "{message}");
}
