//! What to do about a refusal, in words for the author.

use super::Refusal;

/// The next step after a refusal; `key_env` names the variable that holds the key.
pub fn advice(refusal: &Refusal, key_env: &str) -> String {
    match refusal.code {
        400 | 422 => "the vendor does not take a field as it was sent: compare its words with the request that \
                      `callsheet render KEY` prints; avatar, voice and asset ids are checked by the vendor alone"
            .to_owned(),
        401 => format!("the key in `{key_env}` is refused: set it to a key of this account that is still valid"),
        402 => "the account has no credits left for this video: buy credits or wait for the next month, then apply \
                again; nothing was made"
            .to_owned(),
        403 => format!(
            "the key in `{key_env}` may not do this: the plan of the account may not cover the API, this avatar or \
             this voice"
        ),
        404 => "the vendor knows no such thing: look the ids of avatar, voice and assets up \
                in your account there, and check `base_url`"
            .to_owned(),
        _ => "nothing was made; mend what the vendor names and apply again".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_names_its_next_step() {
        let said = |code| advice(&Refusal { code, message: String::new() }, "MY_KEY");
        assert!(said(401).contains("`MY_KEY`") && said(403).contains("`MY_KEY`"));
        assert!(said(402).contains("credits"));
        assert!(said(404).contains("base_url"));
        assert!(said(400).contains("callsheet render"));
        assert_eq!(said(400), said(422));
    }
}
