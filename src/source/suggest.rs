//! Which known word was probably meant. Names nothing that is only vaguely alike.

/// The candidate nearest to a word: at most a third of its characters differ, case and separators
/// left aside. Of equals the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bare_word = bare(word);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .filter_map(|candidate| {
            let bare_candidate = bare(candidate);
            let length = bare_word
                .chars()
                .count()
                .max(bare_candidate.chars().count());
            let distance = strsim::osa_distance(&bare_word, &bare_candidate);
            let as_written = strsim::osa_distance(word, candidate);
            (distance <= length.div_ceil(3).min(length.saturating_sub(1)))
                .then_some(((distance, as_written), candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Lower case, without separators; a word of nothing else stays as it is.
fn bare(word: &str) -> String {
    let bare: String = word
        .chars()
        .filter(|char| char.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    if bare.is_empty() {
        word.to_owned()
    } else {
        bare
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_found() {
        let near = |word, candidates: &[&'static str]| nearest(word, candidates.iter().copied());
        assert_eq!(near("carol", &["alice", "bob", "carla"]), Some("carla"));
        assert_eq!(
            near("FRIEND_REQUST", &["FRIEND_REMOVE", "FRIEND_REQUEST"]),
            Some("FRIEND_REQUEST")
        );
        assert_eq!(
            near("friendRequest", &["FRIEND_REQUEST_ACK", "FRIEND_REQUEST"]),
            Some("FRIEND_REQUEST")
        );
        assert_eq!(near("recieves", &["sends", "receives"]), Some("receives"));
        assert_eq!(near("bbo", &["alice", "bob"]), Some("bob"));
        assert_eq!(near("Bob", &["rob", "bob"]), Some("bob"));
    }

    #[test]
    fn another_word_is_not_suggested() {
        let near = |word, candidates: &[&'static str]| nearest(word, candidates.iter().copied());
        assert_eq!(near("dave", &["alice", "bob"]), None);
        assert_eq!(near("a", &["b", "c"]), None);
        assert_eq!(near("", &["b", "ab"]), None);
        assert_eq!(near("same", &["same"]), None);
        assert_eq!(near("x", &[]), None);
    }
}
