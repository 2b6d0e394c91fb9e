//! Environment variables that a manifest must not reach: secrets in templates, and credentials of other programs.
//!
//! The author of any pull request writes manifests. What a template sees ends in a spec, a plan's comment and the
//! vendor's list of videos; what a credential setting names is sent to the vendor.

/// Parts of a name, between underscores, that say that the value is a secret.
const SECRET_PARTS: [&str; 16] = [
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "JWT",
    "KEY",
    "KEYS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PASSWORDS",
    "PGPASSFILE",
    "PGPASSWORD",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "TOKENS",
];

/// Names of secrets that no part gives away: connection strings, credential files, sockets of agents.
const SECRET_NAMES: [&str; 14] = [
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_STORAGE_CONNECTION_STRING",
    "CI_REPOSITORY_URL",
    "DATABASE_URL",
    "DOCKER_AUTH_CONFIG",
    "GCLOUD_KEYFILE_JSON",
    "GPG_AGENT_INFO",
    "KUBECONFIG",
    "MONGODB_URI",
    "MYSQL_PWD",
    "NETRC",
    "REDIS_URL",
    "SENTRY_DSN",
    "SSH_AUTH_SOCK",
];

/// Variables of the system and of the shell.
const SYSTEM_NAMES: [&str; 17] = [
    "APPDATA", "CI", "EDITOR", "HOME", "HOSTNAME", "LANG", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHELL", "SHLVL",
    "TEMP", "TERM", "TMPDIR", "USER", "USERNAME",
];

/// The beginnings of variables that belong to other programs: code hosts, clouds, package registries, agents.
const FOREIGN_PREFIXES: [&str; 38] = [
    "ACTIONS_",
    "ANTHROPIC_",
    "ARM_",
    "AWS_",
    "AZURE_",
    "BITBUCKET_",
    "BUILDKITE_",
    "CARGO_",
    "CI_",
    "CIRCLE_",
    "CLOUDSDK_",
    "DIGITALOCEAN_",
    "DOCKER_",
    "DRONE_",
    "GCLOUD_",
    "GCP_",
    "GH_",
    "GIT_",
    "GITHUB_",
    "GITLAB_",
    "GOOGLE_",
    "GPG_",
    "HEROKU_",
    "JENKINS_",
    "KUBE",
    "LD_",
    "NODE_",
    "NPM_",
    "OPENAI_",
    "PG",
    "PYPI_",
    "RUNNER_",
    "SSH_",
    "SYSTEM_",
    "TF_",
    "TRAVIS_",
    "TWINE_",
    "VAULT_",
];

/// Whether the name of a variable says that its value is a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let has_part = name.split(|one: char| !one.is_ascii_alphanumeric()).any(|part| SECRET_PARTS.contains(&part));
    has_part || SECRET_NAMES.contains(&name.as_str())
}

/// Whether a variable belongs to the system or to another program, so that no credential of the vendor is in it.
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
        ] {
            assert!(is_secret(secret), "{secret}");
        }
        for plain in ["CAMPAIGN", "MONKEY", "KEYBOARD", "TOKENIZER", "GITHUB_REF", "CI_COMMIT_SHA", "SECRETARY", ""] {
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
        ] {
            assert!(is_foreign(foreign), "{foreign}");
        }
        for own in ["VIDNOZ_API_KEY", "VIDNOZ_CLIENT_ID", "VIDNOZ_CLIENT_SECRET", "STAGING_KEY", "KEY", "VIDEO_TOKEN"] {
            assert!(!is_foreign(own), "{own}");
        }
    }
}
