//! The methods of signing URLs, one per row: the proof of a signature, and the parameters that belong to it.
//!
//! A row that is added or widened after the first release sets its `since`. Earlier digests are computed without it,
//! so that an upgrade does not bill unchanged videos again.

/// The revision of the table of families. Increase it for every added or widened row, because more is stripped then.
pub const SCHEMES_REVISION: u8 = 1;

/// A method of signing URLs.
pub(super) struct SigningScheme {
    /// Parameters that every signed URL has. Without all of them, the query is not treated as signed.
    pub members: &'static [(&'static str, ValueFormat)],
    /// Parameters of which one is required as well, if the members alone are ambiguous. Empty if they are not.
    pub one_of: &'static [&'static str],
    /// The end of the host name, where the parameters alone do not identify the method.
    pub host: Option<&'static str>,
    /// Parameters that belong to the signature, by name.
    pub names: &'static [&'static str],
    /// Parameters that belong to it, by prefix.
    pub prefix: Option<&'static str>,
    /// `true` if names match in any case.
    pub any_case: bool,
    /// The format of the expiry.
    pub expires: Expires,
    /// The revision of the table that introduced this row.
    pub since: u8,
}

/// The format of a member's value.
#[derive(Clone, Copy)]
pub(super) enum ValueFormat {
    /// Any text except an empty one.
    Any,
    /// Unix seconds.
    Seconds,
    /// Hexadecimal digits, at least this many.
    Hex(usize),
    /// A signature in hexadecimal or base64: at least 27 characters, the length of SHA-1 in base64.
    Seal,
    /// Unix seconds, this character, then a signature.
    Stamp(char),
    /// A text that contains this one.
    Holds(&'static str),
}

impl ValueFormat {
    /// Returns `true` if a decoded value has this format.
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

/// The format in which a family gives the expiry of a URL.
pub(super) enum Expires {
    /// Not in a known format.
    Unsaid,
    /// A date of signing, and the number of seconds after it.
    DateAndSeconds(&'static str, &'static str),
    /// An ISO 8601 instant.
    Iso(&'static str),
    /// Unix seconds, which other text may follow.
    Unix(&'static str),
    /// Two times in Unix seconds: start, `;`, end.
    UnixRange(&'static str),
}

/// The default members of a row.
const ROW: SigningScheme = SigningScheme {
    members: &[],
    one_of: &[],
    host: None,
    names: &[],
    prefix: None,
    any_case: true,
    expires: Expires::Unsaid,
    since: SCHEMES_REVISION,
};

/// A family with a key id, a signature and an expiry, as S3 introduced them and many services copied them. Further names
/// belong to the signature too.
macro_rules! keyed {
    ($id:literal $(, $name:literal)*) => {
        SigningScheme {
            members: &[($id, ValueFormat::Any), ("Signature", ValueFormat::Any), ("Expires", ValueFormat::Any)],
            names: &[$id, "Signature", "Expires" $(, $name)*],
            expires: Expires::Unix("Expires"),
            ..ROW
        }
    };
}

pub(super) const SCHEMES: &[SigningScheme] = &[
    // Amazon S3 and compatible services (Signature Version 4).
    SigningScheme {
        members: &[("X-Amz-Signature", ValueFormat::Any)],
        prefix: Some("X-Amz-"),
        expires: Expires::DateAndSeconds("X-Amz-Date", "X-Amz-Expires"),
        since: 0,
        ..ROW
    },
    // Google Cloud Storage (V4).
    SigningScheme {
        members: &[("X-Goog-Signature", ValueFormat::Any)],
        prefix: Some("X-Goog-"),
        expires: Expires::DateAndSeconds("X-Goog-Date", "X-Goog-Expires"),
        since: 0,
        ..ROW
    },
    // Azure shared access signatures. `sig` alone is ambiguous. A version or an expiry identifies Azure.
    SigningScheme {
        members: &[("sig", ValueFormat::Any)],
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
    SigningScheme {
        members: &[("Signature", ValueFormat::Any), ("Key-Pair-Id", ValueFormat::Any)],
        names: &["Signature", "Key-Pair-Id", "Expires", "Policy"],
        any_case: false,
        expires: Expires::Unix("Expires"),
        since: 0,
        ..ROW
    },
    // Azure in any case: without a version (policies of 2009), delegated to users, with signed headers.
    SigningScheme {
        members: &[("sig", ValueFormat::Any)],
        one_of: &["sv", "se", "sr", "si", "skoid", "skn"],
        names: &[
            "sig", "sv", "se", "sp", "sr", "st", "spr", "sip", "si", "ss", "srt", "sdd", "ses", "skoid", "sktid",
            "skt", "ske", "sks", "skv", "saoid", "suoid", "scid", "sduoid", "skdutid", "srh", "srq", "skn",
        ],
        expires: Expires::Iso("se"),
        ..ROW
    },
    // Amazon S3 (Signature Version 2).
    keyed!("AWSAccessKeyId", "x-amz-security-token"),
    // Google Cloud Storage (V2).
    keyed!("GoogleAccessId"),
    // Google Cloud CDN.
    keyed!("KeyName", "URLPrefix"),
    // Alibaba Cloud OSS (V1).
    keyed!("OSSAccessKeyId", "security-token"),
    // Huawei OBS.
    keyed!("AccessKeyId", "x-obs-security-token"),
    // Kingsoft KS3.
    keyed!("KSSAccessKeyId"),
    // Alibaba Cloud OSS (V2 and V4). `x-oss-process` changes the image, so it stays.
    SigningScheme {
        members: &[("x-oss-signature", ValueFormat::Any)],
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
    SigningScheme {
        members: &[("q-sign-algorithm", ValueFormat::Any), ("q-signature", ValueFormat::Any)],
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
    // Volcengine TOS. `x-tos-process` stays.
    SigningScheme {
        members: &[("X-Tos-Signature", ValueFormat::Any)],
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
    SigningScheme {
        members: &[("authorization", ValueFormat::Holds("bce-auth-v"))],
        names: &["authorization", "x-bce-security-token"],
        ..ROW
    },
    // Fastly's token: `EXPIRES_SIGNATURE`. Any other `token` is part of the content.
    SigningScheme {
        members: &[("token", ValueFormat::Stamp('_'))],
        names: &["token"],
        expires: Expires::Unix("token"),
        ..ROW
    },
    // Cloudflare's token authentication: the time of signing, and a signature.
    SigningScheme { members: &[("verify", ValueFormat::Stamp('-'))], names: &["verify"], ..ROW },
    // Alibaba Cloud CDN, type A: `TIME-RANDOM-USER-SIGNATURE`.
    SigningScheme { members: &[("auth_key", ValueFormat::Stamp('-'))], names: &["auth_key"], ..ROW },
    // imgix.
    SigningScheme {
        members: &[("s", ValueFormat::Hex(32))],
        one_of: &["expires", "ixlib"],
        names: &["s", "expires"],
        expires: Expires::Unix("expires"),
        ..ROW
    },
    SigningScheme {
        members: &[("s", ValueFormat::Hex(32))],
        host: Some(".imgix.net"),
        names: &["s", "expires"],
        ..ROW
    },
    // Akamai's tokens.
    SigningScheme { members: &[("hdnts", ValueFormat::Holds("hmac="))], names: &["hdnts"], ..ROW },
    SigningScheme { members: &[("hdnea", ValueFormat::Holds("hmac="))], names: &["hdnea"], ..ROW },
    SigningScheme { members: &[("__token__", ValueFormat::Holds("hmac="))], names: &["__token__"], ..ROW },
    // Discord's attachments.
    SigningScheme {
        members: &[("ex", ValueFormat::Hex(6)), ("is", ValueFormat::Hex(6)), ("hm", ValueFormat::Hex(32))],
        names: &["ex", "is", "hm"],
        ..ROW
    },
    // Signatures of web frameworks: an expiry in seconds, and a value that can only be a signature.
    SigningScheme {
        members: &[("signature", ValueFormat::Seal), ("expires", ValueFormat::Seconds)],
        names: &["signature", "expires"],
        expires: Expires::Unix("expires"),
        ..ROW
    },
    SigningScheme {
        members: &[("sig", ValueFormat::Seal), ("expires", ValueFormat::Seconds)],
        names: &["sig", "expires"],
        expires: Expires::Unix("expires"),
        ..ROW
    },
    SigningScheme {
        members: &[("sig", ValueFormat::Seal), ("exp", ValueFormat::Seconds)],
        names: &["sig", "exp"],
        expires: Expires::Unix("exp"),
        ..ROW
    },
];
