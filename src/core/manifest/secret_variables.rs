//! The environment variables that a manifest must not read: secrets in templates, and credentials of other programs.
//!
//! The author of any pull request can write manifests. A value that a template reads appears in a spec, in the
//! comment with a plan, and in the vendor's list of videos. A credential setting sends its variable to the vendor.

/// Words that identify a secret if they are a complete part of a name, between underscores.
const SECRET_PARTS: [&str; 9] = ["AUTH", "DSN", "JWT", "KEY", "KEYS", "PASS", "PAT", "PGPASSFILE", "PWD"];

/// Words that identify a secret at the end of a part, too: `MYTOKEN`, `PGPASSWORD`. No other English word ends in
/// one.
const SECRET_ENDINGS: [&str; 17] = [
    "ACCESSKEY",
    "APIKEY",
    "APIKEYS",
    "CREDENTIAL",
    "CREDENTIALS",
    "PASSCODE",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PASSWORDS",
    "PRIVATEKEY",
    "SECRET",
    "SECRETKEY",
    "SECRETS",
    "SIGNINGKEY",
    "TOKEN",
    "TOKENS",
];

/// Secrets that no part of the name identifies: connection strings, URLs with passwords, credential files, agents.
const SECRET_NAMES: [&str; 24] = [
    "ALL_PROXY",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_STORAGE_CONNECTION_STRING",
    "CI_REPOSITORY_URL",
    "DATABASE_URL",
    "DOCKER_AUTH_CONFIG",
    "GCLOUD_KEYFILE_JSON",
    "GIT_CONFIG_PARAMETERS",
    "GPG_AGENT_INFO",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "KUBECONFIG",
    "MONGODB_URI",
    "MONGO_URL",
    "MYSQL_PWD",
    "NETRC",
    "PIP_EXTRA_INDEX_URL",
    "PIP_INDEX_URL",
    "POSTGRES_URL",
    "REDIS_URL",
    "SENTRY_DSN",
    "SLACK_WEBHOOK_URL",
    "SSH_AUTH_SOCK",
    "UV_INDEX_URL",
];

/// Variables of the system and of the shell.
const SYSTEM_NAMES: [&str; 17] = [
    "APPDATA", "CI", "EDITOR", "HOME", "HOSTNAME", "LANG", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHELL", "SHLVL",
    "TEMP", "TERM", "TMPDIR", "USER", "USERNAME",
];

/// Prefixes of variables that belong to other programs: code hosts, clouds, package registries, agents.
const FOREIGN_PREFIXES: [&str; 66] = [
    "ACTIONS_",
    "ANTHROPIC_",
    "ARM_",
    "AWS_",
    "AZURE_",
    "BITBUCKET_",
    "BUILDKITE_",
    "CARGO_",
    "CF_",
    "CIRCLE_",
    "CI_",
    "CLOUDFLARE_",
    "CLOUDSDK_",
    "CODECOV_",
    "DATADOG_",
    "DB_",
    "DD_",
    "DIGITALOCEAN_",
    "DISCORD_",
    "DOCKER_",
    "DRONE_",
    "FLY_",
    "GCLOUD_",
    "GCP_",
    "GEMINI_",
    "GH_",
    "GITHUB_",
    "GITLAB_",
    "GIT_",
    "GOOGLE_",
    "GPG_",
    "GRADLE_",
    "HEROKU_",
    "HF_",
    "JENKINS_",
    "KUBE",
    "LD_",
    "MAVEN_",
    "MYSQL_",
    "NETLIFY_",
    "NODE_",
    "NPM_",
    "NUGET_",
    "OPENAI_",
    "PG",
    "PIP_",
    "POSTGRES",
    "PYPI_",
    "REDIS_",
    "RUNNER_",
    "SENTRY_",
    "SLACK_",
    "SMTP_",
    "SNYK_",
    "SONAR_",
    "SSH_",
    "STRIPE_",
    "SYSTEM_",
    "TELEGRAM_",
    "TF_",
    "TRAVIS_",
    "TWILIO_",
    "TWINE_",
    "UV_",
    "VAULT_",
    "VERCEL_",
];

/// Returns `true` if a variable's name identifies a secret. A number after the word makes no difference.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let says_secret = |part: &str| {
        let part = part.trim_end_matches(|one: char| one.is_ascii_digit());
        SECRET_PARTS.contains(&part) || SECRET_ENDINGS.iter().any(|ending| part.ends_with(ending))
    };
    name.split(|one: char| !one.is_ascii_alphanumeric()).any(says_secret) || SECRET_NAMES.contains(&name.as_str())
}

/// Returns `true` if a variable belongs to the system or another program, so that it cannot be a vendor credential.
pub fn is_foreign(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let known = |list: &[&str]| list.contains(&name.as_str());
    known(&SYSTEM_NAMES) || known(&SECRET_NAMES) || FOREIGN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_says_secret_is_one_however_it_is_spelled() {
        for secret in [
            "TOKEN",
            "GITHUB_TOKEN",
            "my_secret",
            "API_KEY",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "DB_PASSWORD",
            "ROOT_PASSWD",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "X_CREDENTIAL_FILE",
            "AZURE_STORAGE_CONNECTION_STRING",
            "CI_JOB_JWT_V2",
            "SSH_AUTH_SOCK",
            "Npm_Token",
            "_KEY_",
            "MYTOKEN2",
            "API_KEY2",
            "SECRET_1",
            "AccessToken",
            "PGPASSWORD",
            "ACCESSKEY",
            "SSH_PRIVATEKEY",
            "DB_PASS",
            "GH_PAT",
            "BASIC_AUTH",
            "https_proxy",
            "PIP_INDEX_URL",
            "GIT_CONFIG_PARAMETERS",
        ] {
            assert!(is_secret(secret), "{secret}");
        }
        for plain in [
            "CAMPAIGN",
            "MONKEY",
            "KEYBOARD",
            "TOKENIZER",
            "GITHUB_REF",
            "CI_COMMIT_SHA",
            "SECRETARY",
            "AUTHOR",
            "PATH2",
            "PASSENGER",
            "V2",
            "2",
            "",
        ] {
            assert!(!is_secret(plain), "{plain}");
        }
    }

    #[test]
    fn the_variables_of_other_programs_are_not_ours() {
        for foreign in [
            "PATH",
            "Home",
            "GITHUB_TOKEN",
            "GITLAB_TOKEN",
            "CI_JOB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "AZURE_CLIENT_SECRET",
            "GOOGLE_API_KEY",
            "NPM_TOKEN",
            "SSH_AUTH_SOCK",
            "NODE_AUTH_TOKEN",
            "DATABASE_URL",
            "https_proxy",
            "DB_PASSWORD",
            "SLACK_TOKEN",
            "STRIPE_KEY",
            "POSTGRES_PASSWORD",
        ] {
            assert!(is_foreign(foreign), "{foreign}");
        }
        for own in ["VIDNOZ_API_KEY", "VIDNOZ_CLIENT_ID", "VIDNOZ_CLIENT_SECRET", "STAGING_KEY", "KEY", "VIDEO_TOKEN"] {
            assert!(!is_foreign(own), "{own}");
        }
    }
}
