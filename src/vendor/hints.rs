//! The next step after a refusal, for the user.

use super::Refusal;

/// Returns the next step after a refusal.
pub fn hint_for(refusal: &Refusal) -> &'static str {
    match refusal.code {
        400 | 422 => {
            "the vendor rejected a field: compare its message with `callsheet render KEY`; only the vendor can check \
             avatar, voice and asset ids"
        }
        402 => {
            "the account has no credits left for this video: buy credits or wait for the next month, then apply \
             again; nothing was made"
        }
        403 => {
            "the account may not do this: its plan may not cover the API, this avatar or this voice; check which \
             account the credentials belong to"
        }
        404 => "no such avatar, voice or asset at the vendor; check the ids in your account there, and `base_url`",
        _ => "nothing was made; fix what the vendor names, then apply again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_names_its_next_step() {
        let said = |code| hint_for(&Refusal { code, message: String::new() });
        assert!(said(403).contains("credentials"));
        assert!(said(402).contains("credits"));
        assert!(said(404).contains("base_url"));
        assert!(said(400).contains("callsheet render"));
        assert_eq!(said(400), said(422));
    }
}
