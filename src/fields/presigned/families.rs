//! The ways of signing URLs, one row each: what proves a signature, and what belongs to it.
//!
//! A row that is added or widened later than the first release names its `since`: digests of before are computed
//! without it, so that an upgrade buys nothing again.

use super::REVISION;

/// A way of signing URLs.
pub(super) struct Family {
    /// Parameters that a signed URL has, all of them; without them nothing is taken for a signature.
    pub members: &'static [(&'static str, Form)],
    /// One of these too, where the members alone could mean anything; empty where they are plain enough.
    pub one_of: &'static [&'static str],
    /// The end of the host name, where only that tells.
    pub host: Option<&'static str>,
    /// What belongs to the signature, by name.
    pub names: &'static [&'static str],
    /// What belongs to it by the beginning of its name.
    pub prefix: Option<&'static str>,
    /// True where the case of names does not count.
    pub any_case: bool,
    /// How it says when it expires.
    pub expires: Expires,
    /// The revision of the table that brought this row.
    pub since: u8,
}

/// What the value of a member looks like.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Anything but empty.
    Any,
    /// Unix seconds.
    Seconds,
    /// Hexadecimal digits, at least this many.
    Hex(usize),
    /// A signature in hexadecimal or base64: 27 characters or more, as many as SHA-1 has in base64.
    Seal,
    /// Unix seconds, this character, a signature.
    Stamp(char),
    /// A text that holds this one.
    Holds(&'static str),
}

impl Form {
    /// Whether a decoded value looks like this.
    pub fn fits(self, value: &str) -> bool {
        match self {
            Self::Any => !value.is_empty(),
            Self::Seconds => (9..=11).contains(&value.len()) && value.bytes().all(|one| one.is_ascii_digit()),
            Self::Hex(least) => value.len() >= least && value.bytes().all(|one| one.is_ascii_hexdigit()),
            Self::Seal => {
                let plain = |one: u8| one.is_ascii_alphanumeric() || b"+/=_-~. ".contains(&one);
                value.len() >= 27 && value.bytes().all(plain)
            }
            Self::Stamp(between) => {
                value.split_once(between).is_some_and(|(time, seal)| Self::Seconds.fits(time) && Self::Seal.fits(seal))
            }
            Self::Holds(part) => value.contains(part),
        }
    }
}

/// How a family says when a URL expires.
pub(super) enum Expires {
    /// Not in a form that is read.
    Unsaid,
    /// Signed at a date, valid for seconds.
    DateAndSeconds(&'static str, &'static str),
    /// An ISO 8601 instant.
    Iso(&'static str),
    /// Unix seconds; a text may follow them.
    Unix(&'static str),
    /// Two Unix seconds: from, `;`, until.
    UnixRange(&'static str),
}

/// What a row leaves out.
const ROW: Family = Family {
    members: &[],
    one_of: &[],
    host: None,
    names: &[],
    prefix: None,
    any_case: true,
    expires: Expires::Unsaid,
    since: REVISION,
};

/// A key's id, a signature and an expiry, as S3 had them first and many copied them.
const fn keyed(members: &'static [(&'static str, Form)], names: &'static [&'static str]) -> Family {
    Family { members, names, expires: Expires::Unix("Expires"), ..ROW }
}

pub(super) const FAMILIES: &[Family] = &[
    // Amazon S3 and all that speak its language (Signature Version 4).
    Family {
        members: &[("X-Amz-Signature", Form::Any)],
        prefix: Some("X-Amz-"),
        expires: Expires::DateAndSeconds("X-Amz-Date", "X-Amz-Expires"),
        since: 0,
        ..ROW
    },
    // Google Cloud Storage (V4).
    Family {
        members: &[("X-Goog-Signature", Form::Any)],
        prefix: Some("X-Goog-"),
        expires: Expires::DateAndSeconds("X-Goog-Date", "X-Goog-Expires"),
        since: 0,
        ..ROW
    },
    // Azure shared access signatures. `sig` alone is anybody's word; a version or an expiry makes it Azure's.
    Family {
        members: &[("sig", Form::Any)],
        one_of: &["sv", "se"],
        names: &[
            "sig", "sv", "se", "sp", "sr", "st", "spr", "sip", "si", "ss", "srt", "sdd", "ses", "skoid", "sktid",
            "skt", "ske", "sks", "skv", "saoid", "suoid", "scid",
        ],
        any_case: false,
        expires: Expires::Iso("se"),
        since: 0,
        ..ROW
    },
    // Amazon CloudFront.
    Family {
        members: &[("Signature", Form::Any), ("Key-Pair-Id", Form::Any)],
        names: &["Signature", "Key-Pair-Id", "Expires", "Policy"],
        any_case: false,
        expires: Expires::Unix("Expires"),
        since: 0,
        ..ROW
    },
    // Azure: without a version (policies of 2009), delegated to users, with signed headers; in any case.
    Family {
        members: &[("sig", Form::Any)],
        one_of: &["sv", "se", "sr", "si", "skoid", "skn"],
        names: &[
            "sig", "sv", "se", "sp", "sr", "st", "spr", "sip", "si", "ss", "srt", "sdd", "ses", "skoid", "sktid",
            "skt", "ske", "sks", "skv", "saoid", "suoid", "scid", "sduoid", "skdutid", "srh", "srq", "skn",
        ],
        expires: Expires::Iso("se"),
        ..ROW
    },
    // Amazon S3 (Signature Version 2).
    keyed(
        &[("AWSAccessKeyId", Form::Any), ("Signature", Form::Any), ("Expires", Form::Any)],
        &["AWSAccessKeyId", "Signature", "Expires", "x-amz-security-token"],
    ),
    // Google Cloud Storage (V2).
    keyed(
        &[("GoogleAccessId", Form::Any), ("Signature", Form::Any), ("Expires", Form::Any)],
        &["GoogleAccessId", "Signature", "Expires"],
    ),
    // Google Cloud CDN.
    keyed(
        &[("KeyName", Form::Any), ("Signature", Form::Any), ("Expires", Form::Any)],
        &["KeyName", "Signature", "Expires", "URLPrefix"],
    ),
    // Alibaba Cloud OSS (V1).
    keyed(
        &[("OSSAccessKeyId", Form::Any), ("Signature", Form::Any), ("Expires", Form::Any)],
        &["OSSAccessKeyId", "Signature", "Expires", "security-token"],
    ),
    // Huawei OBS.
    keyed(
        &[("AccessKeyId", Form::Any), ("Signature", Form::Any), ("Expires", Form::Any)],
        &["AccessKeyId", "Signature", "Expires", "x-obs-security-token"],
    ),
    // Kingsoft KS3.
    keyed(
        &[("KSSAccessKeyId", Form::Any), ("Signature", Form::Any), ("Expires", Form::Any)],
        &["KSSAccessKeyId", "Signature", "Expires"],
    ),
    // Alibaba Cloud OSS (V2 and V4); `x-oss-process` makes another picture and stays.
    Family {
        members: &[("x-oss-signature", Form::Any)],
        one_of: &["x-oss-signature-version", "x-oss-credential", "x-oss-access-key-id"],
        names: &[
            "x-oss-signature",
            "x-oss-signature-version",
            "x-oss-credential",
            "x-oss-access-key-id",
            "x-oss-date",
            "x-oss-expires",
            "x-oss-additional-headers",
            "x-oss-security-token",
        ],
        expires: Expires::DateAndSeconds("x-oss-date", "x-oss-expires"),
        ..ROW
    },
    // Tencent COS.
    Family {
        members: &[("q-sign-algorithm", Form::Any), ("q-signature", Form::Any)],
        names: &[
            "q-sign-algorithm",
            "q-ak",
            "q-sign-time",
            "q-key-time",
            "q-header-list",
            "q-url-param-list",
            "q-signature",
            "x-cos-security-token",
        ],
        expires: Expires::UnixRange("q-sign-time"),
        ..ROW
    },
    // Volcengine TOS; `x-tos-process` stays.
    Family {
        members: &[("X-Tos-Signature", Form::Any)],
        names: &[
            "X-Tos-Signature",
            "X-Tos-Algorithm",
            "X-Tos-Credential",
            "X-Tos-Date",
            "X-Tos-Expires",
            "X-Tos-SignedHeaders",
            "X-Tos-Security-Token",
        ],
        expires: Expires::DateAndSeconds("X-Tos-Date", "X-Tos-Expires"),
        ..ROW
    },
    // Baidu BOS.
    Family {
        members: &[("authorization", Form::Holds("bce-auth-v"))],
        names: &["authorization", "x-bce-security-token"],
        ..ROW
    },
    // Fastly's token: `EXPIRES_SIGNATURE`. Any other `token` is part of the content.
    Family { members: &[("token", Form::Stamp('_'))], names: &["token"], expires: Expires::Unix("token"), ..ROW },
    // Cloudflare's token authentication: when it was made, and a signature.
    Family { members: &[("verify", Form::Stamp('-'))], names: &["verify"], ..ROW },
    // Alibaba Cloud CDN, type A: `TIME-RANDOM-USER-SIGNATURE`.
    Family { members: &[("auth_key", Form::Stamp('-'))], names: &["auth_key"], ..ROW },
    // imgix.
    Family {
        members: &[("s", Form::Hex(32))],
        one_of: &["expires", "ixlib"],
        names: &["s", "expires"],
        expires: Expires::Unix("expires"),
        ..ROW
    },
    Family { members: &[("s", Form::Hex(32))], host: Some(".imgix.net"), names: &["s", "expires"], ..ROW },
    // Akamai's tokens.
    Family { members: &[("hdnts", Form::Holds("hmac="))], names: &["hdnts"], ..ROW },
    Family { members: &[("hdnea", Form::Holds("hmac="))], names: &["hdnea"], ..ROW },
    Family { members: &[("__token__", Form::Holds("hmac="))], names: &["__token__"], ..ROW },
    // Discord's attachments.
    Family {
        members: &[("ex", Form::Hex(6)), ("is", Form::Hex(6)), ("hm", Form::Hex(32))],
        names: &["ex", "is", "hm"],
        ..ROW
    },
    // What web frameworks sign: an expiry in seconds, and a value that can only be a signature.
    Family {
        members: &[("signature", Form::Seal), ("expires", Form::Seconds)],
        names: &["signature", "expires"],
        expires: Expires::Unix("expires"),
        ..ROW
    },
    Family {
        members: &[("sig", Form::Seal), ("expires", Form::Seconds)],
        names: &["sig", "expires"],
        expires: Expires::Unix("expires"),
        ..ROW
    },
    Family {
        members: &[("sig", Form::Seal), ("exp", Form::Seconds)],
        names: &["sig", "exp"],
        expires: Expires::Unix("exp"),
        ..ROW
    },
];
