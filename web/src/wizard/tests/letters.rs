//! Letters there and back, and what two who tell each other come to.

use super::*;

/// A page that was just opened.
fn page(random: u8) -> State {
    let random = c2c::key::to_base64url(&[random; 48]);
    State::default().after(Action::Begin(now(), text(&random)))
}

fn invite() -> State {
    page(1)
        .after(Action::Host(Side::Mine, "wallet1.com".into()))
        .after(Action::Currency("EUR".into()))
        .after(Action::Scale("6".into()))
        .after(Action::Limit("10".into()))
}

fn sent(state: &State) -> (Says, String) {
    let letter = state.letter().unwrap();
    (letter.says.clone(), letter.encode())
}

#[test]
fn an_offer_is_countered_and_then_accepted() {
    let inviter = invite();
    let (says, offer) = sent(&inviter);
    assert_eq!(says, Says::Offer);
    let invited = page(2)
        .after(Action::Host(Side::Mine, "wallet2.com".into()))
        .after(Action::letter(&offer, now()));
    assert_eq!(&*invited.theirs.text, "wallet1.com");
    assert_eq!((&*invited.currency, &*invited.scale), ("EUR", "6"));
    assert_eq!(sent(&invited).0, Says::Accept);
    assert!(!invited.differences().iter().any(|field| field.parts()));

    let invited = invited.after(Action::Scale("9".into()));
    let (says, counter) = sent(&invited);
    assert_eq!(says, Says::Counter);
    let inviter = inviter.after(Action::letter(&counter, now()));
    assert_eq!(
        &*inviter.scale, "6",
        "what was offered stays until its writer decides"
    );
    let parts: Vec<_> = inviter
        .differences()
        .into_iter()
        .filter(|field| field.parts() && field.field != "Their host")
        .map(|field| (field.field, field.theirs, field.mine))
        .collect();
    assert_eq!(parts, [("Scale", "9".to_owned(), "6".to_owned())]);
    let inviter = inviter.after(Action::TakeTerms);
    let (says, accept) = sent(&inviter);
    assert_eq!(says, Says::Accept);
    let invited = invited.after(Action::letter(&accept, now()));
    assert_eq!(invited.letter(), None, "nothing is left to be said");
    assert_eq!(invited.letter_missing(), Vec::<&str>::new());
}

#[test]
fn letters_that_are_of_no_use_are_told() {
    let problem = |state: &State, letter: &str, at: u64| {
        let after = state.after(Action::letter(letter, Timestamp::from_millis(at)));
        after.letter_problem.map(|problem| problem.code.to_string())
    };
    let inviter = invite();
    let (_, offer) = sent(&inviter);
    let day = 24 * 3600 * 1000;
    assert_eq!(problem(&page(2), &offer, NOW + 7 * day), None);
    let code = |letter: &str, at| problem(&page(2), letter, at).unwrap();
    assert_eq!(code(&offer, NOW + 8 * day), "INVITE_EXPIRED");
    assert_eq!(code(&offer[..offer.len() - 1], NOW), "INVITE_DAMAGED");
    assert_eq!(problem(&inviter, &offer, NOW).unwrap(), "INVITE_OWN");

    let invited = page(2).after(Action::letter(&offer, now()));
    let refusal = invited.refusal("too small").unwrap().encode();
    let told = inviter.after(Action::letter(&refusal, now()));
    let reason = match &told.received.unwrap().says {
        Says::Refuse { reason } => reason.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(reason, "too small");
    let sealed = page(2).after(Action::letter("https://a.example/#c2cs1.AbC", now()));
    assert_eq!(sealed.sealed.as_deref(), Some("AbC"));
}

/// Two pages without WebFinger, up to the accepted offer.
fn told_each_other() -> (State, State) {
    let tell = |state: State, field, words: &str| state.after(Action::Tell(field, text(words)));
    let one = invite().after(Action::Choose(Mode::Manual));
    let one = tell(one, Field::RpcUri, "https://wallet1.com/rpc");
    let offer = one.letter().unwrap();
    assert!(
        offer.without_token() != offer,
        "the letter itself has the token"
    );
    let two = page(2).after(Action::letter(&offer.without_token().encode(), now()));
    assert_eq!(two.mode, Mode::Manual);
    assert_eq!(
        two.missing(),
        ["your RPC address", "the token for your calls to them"]
    );
    let token = |state: &State| state.manual.text(Field::Token, "EUR", "6");
    let two = tell(two, Field::RpcUri, "https://wallet2.com/rpc");
    let two = tell(two, Field::TheirToken, token(&one).reveal());
    let accept = two.letter().unwrap();
    assert_eq!(accept.says, Says::Accept);
    let one = one.after(Action::letter(&accept.without_token().encode(), now()));
    let one = tell(one, Field::TheirToken, token(&two).reveal());
    (one, two)
}

#[test]
fn who_told_each_other_has_the_same_facts_crossed() {
    let (one, two) = told_each_other();
    let (mine, theirs) = (facts(&one), facts(&two));
    for same in ["prefix", "code", "scale"] {
        assert_eq!(mine.shown(same), theirs.shown(same), "{same}");
    }
    assert_eq!(mine.shown("token"), theirs.shown("token-accept"));
    assert_eq!(mine.shown("token-accept"), theirs.shown("token"));
    assert_eq!(mine.shown("endpoint"), "https://wallet2.com/rpc");
    assert_eq!(mine.account, theirs.peer_account);
    assert_eq!(mine.words, theirs.words);
    assert_eq!(mine.words.len(), 12);
    let token = one.manual.text(Field::Token, "EUR", "6");
    let exports = by_telling(mine.details.as_ref().unwrap(), one.limit().unwrap());
    for printed in [
        format!("{one:?}"),
        format!("{mine:?}"),
        format!("{exports:?}"),
    ] {
        assert!(!printed.contains(token.reveal()), "{printed}");
    }
    assert!(exports[0].whole.as_ref().unwrap().contains(token.reveal()));
}
