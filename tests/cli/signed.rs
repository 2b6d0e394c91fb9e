//! URLs signed in ways that earlier versions did not recognize: nothing is billed again, and no secret leaks.

use crate::fixture::Scene;
use crate::server::Server;

/// Four videos whose signatures are part of the first version's digest, and one without a URL.
const SIGNED: &str = r##"callsheet: 1
defaults: { avatar: { id: A1 }, voice: { tts: { id: V1 } } }
videos:
  sigv2: { script: One, background: { media: { url: "https://b.s3.amazonaws.com/a.jpg?versionId=3&AWSAccessKeyId=AKIA&Signature=ab%2Bc%3D&Expires=4000000000" } } }
  aliyun: { script: Two, background: { media: { url: "https://b.oss-cn-hangzhou.aliyuncs.com/a.jpg?OSSAccessKeyId=k&Expires=4000000000&Signature=ab%3D", fit: cover } } }
  sound: { background: { color: "#ffffff" }, voice: { file: { url: "https://b.cos.example.com/e.mp3?q-sign-algorithm=sha1&q-ak=AKID&q-sign-time=1795341600;4000000000&q-key-time=1795341600;4000000000&q-header-list=host&q-url-param-list=&q-signature=28e9" } } }
  fragment: { script: Four, background: { media: { url: "https://b.example.com/a.jpg#X-Amz-Date=20261122T110000Z&X-Amz-Expires=9&X-Amz-Signature=ab" } } }
  plain: { script: Five, background: { color: "#f4f4f4" } }
environments:
  production: { rate: 0, concurrency: 1, timeout: 2s, settle_grace: 1s }
"##;

/// The lockfile that the first version wrote for them.
const LOCK: &str = r##"{"callsheet":"lock","version":1}
{"key":"aliyun","digest":"v1:a1346345124dcc65ad56113ec4bc186d","attempt":1,"state":"submitted","task":"Z29aV3QyYVdMenpBeGxIWUFBY1M2Zz09","name":"aliyun #lje74qaz3z","host":"127.0.0.1","at":"2026-12-01T12:15:15.600260218Z","spec":{"avatar":{"id":"A1"},"background":{"media":{"fit":"cover","url":"https://b.oss-cn-hangzhou.aliyuncs.com/a.jpg?OSSAccessKeyId=k&Expires=4000000000&Signature=ab%3D"}},"name":"aliyun","voice":{"tts":{"id":"V1","text":"Two"}}}}
{"key":"fragment","digest":"v1:51ab6f22d70574a5ce374e32132d2c27","attempt":1,"state":"submitted","task":"dllDSEdkSzZFVTZnYVVSYUZUUmlndz09","name":"fragment #en7mqav2yd","host":"127.0.0.1","at":"2026-12-01T12:15:15.624569745Z","spec":{"avatar":{"id":"A1"},"background":{"media":{"url":"https://b.example.com/a.jpg#X-Amz-Date=20261122T110000Z&X-Amz-Expires=9&X-Amz-Signature=ab"}},"name":"fragment","voice":{"tts":{"id":"V1","text":"Four"}}}}
{"key":"plain","digest":"v1:5d33dec5ce25de88b0a5f662f4c920d6","attempt":1,"state":"submitted","task":"TkI0UnFSMllXdWVXRnZaMlhyVW1tZz09","name":"plain #37lrkzbgmc","host":"127.0.0.1","at":"2026-12-01T12:15:15.648473327Z","spec":{"avatar":{"id":"A1"},"background":{"color":"#f4f4f4"},"name":"plain","voice":{"tts":{"id":"V1","text":"Five"}}}}
{"key":"sigv2","digest":"v1:7d059fe00bcb0e4383fc5f2ea8a3f37f","attempt":1,"state":"submitted","task":"QzlKZU12NEY1Q1Z4RnFhOHhWOUx2dz09","name":"sigv2 #i2ye24fwxv","host":"127.0.0.1","at":"2026-12-01T12:15:15.552375108Z","spec":{"avatar":{"id":"A1"},"background":{"media":{"url":"https://b.s3.amazonaws.com/a.jpg?versionId=3&AWSAccessKeyId=AKIA&Signature=ab%2Bc%3D&Expires=4000000000"}},"name":"sigv2","voice":{"tts":{"id":"V1","text":"One"}}}}
{"key":"sound","digest":"v1:e70cf34fa517d7d77ff83627aa62b4df","attempt":1,"state":"submitted","task":"d0Y2QTZpQXovYjIrYk9sV2J4dzZ2QT09","name":"sound #pymjmmqufc","host":"127.0.0.1","at":"2026-12-01T12:15:15.600354138Z","spec":{"avatar":{"id":"A1"},"background":{},"name":"sound","voice":{"file":{"url":"https://b.cos.example.com/e.mp3?q-sign-algorithm=sha1&q-ak=AKID&q-sign-time=1795341600;4000000000&q-key-time=1795341600;4000000000&q-header-list=host&q-url-param-list=&q-signature=28e9"}}}}
"##;

fn upgraded() -> (Scene, Server) {
    let scene = Scene::manifest(SIGNED);
    let server = Server::start(&scene, &[]);
    scene.write("callsheet.lock", LOCK);
    (scene, server)
}

#[test]
fn what_was_paid_for_under_a_digest_of_before_is_not_bought_again() {
    let (scene, server) = upgraded();
    assert_eq!(server.ok(&scene, &["plan"]).out, "Plan: nothing to submit, 5 unchanged\n");
    assert_eq!(server.ok(&scene, &["apply", "--yes"]).out, "Applied: nothing to do, 5 unchanged\n");
    server.ok(&scene, &["lock", "verify"]);
    assert_eq!(scene.read("callsheet.lock"), LOCK, "takes keep the digest that they were submitted under");
    // Signed again: the first version would have submitted it again.
    scene.edit("callsheet.yaml", "Signature=ab%2Bc%3D&Expires=4000000000", "Signature=other%3D&Expires=4100000000");
    assert_eq!(server.ok(&scene, &["plan"]).out, "Plan: nothing to submit, 5 unchanged\n");
    // Another object of the same signer is different content.
    scene.edit("callsheet.yaml", "versionId=3", "versionId=4");
    let plan = server.ok(&scene, &["plan"]).out;
    assert!(plan.contains("Plan: 1 to submit (1 changed), 4 unchanged") && !plan.contains("AKIA"), "{plan}");
    let refused = server.exits(&scene, 1, &["lock", "forget", "aliyun"]);
    assert!(refused.err.contains("is still in a manifest"), "{}", refused.err);
    assert_eq!(server.accepted().len(), 0);
}

#[test]
fn a_renamed_key_and_a_line_without_its_spec_count_too() {
    let (scene, server) = upgraded();
    scene.edit("callsheet.yaml", "aliyun:", "renamed:");
    let plan = server.ok(&scene, &["plan"]).out;
    assert!(plan.contains("same content as `aliyun`, nothing sent") && !plan.contains("orphan"), "{plan}");
    scene.edit("callsheet.yaml", "renamed:", "aliyun:");
    let bare = |line: &str| line.split_once(",\"spec\":").map_or(line.to_owned(), |(head, _)| format!("{head}}}"));
    let lines: Vec<String> = LOCK.lines().map(bare).collect();
    scene.write("callsheet.lock", &(lines.join("\n") + "\n"));
    assert_eq!(server.ok(&scene, &["plan"]).out, "Plan: nothing to submit, 5 unchanged\n");
    assert_eq!(server.ok(&scene, &["apply", "--yes"]).out, "Applied: nothing to do, 5 unchanged\n");
}

#[test]
fn a_rename_that_is_recorded_keeps_what_a_digest_of_before_counts_by() {
    let (scene, server) = upgraded();
    // The old key gets different content, so that nothing else retains the first line.
    scene.edit("callsheet.yaml", "sigv2:", "moved:");
    scene.edit("callsheet.yaml", "plain:", "sigv2:");
    scene.edit("callsheet.yaml", "fragment:", "renamed:");
    assert_eq!(server.ok(&scene, &["apply", "--yes"]).out, "Applied: nothing to do, 2 unchanged, 3 moved\n");
    assert_eq!(server.ok(&scene, &["plan"]).out, "Plan: nothing to submit, 5 unchanged\n");
    scene.edit("callsheet.yaml", "Signature=ab%2Bc%3D&Expires=4000000000", "Signature=other%3D&Expires=4100000000");
    scene.edit("callsheet.yaml", "X-Amz-Signature=ab\"", "X-Amz-Signature=cd\"");
    assert_eq!(server.ok(&scene, &["plan"]).out, "Plan: nothing to submit, 5 unchanged\n");
    assert_eq!(server.ok(&scene, &["apply", "--yes"]).out, "Applied: nothing to do, 5 unchanged\n");
    assert_eq!(server.accepted().len(), 0);
}

#[test]
fn failed_and_in_doubt_under_a_digest_of_before_stay_so() {
    let (scene, server) = upgraded();
    let of = |key: &str, state: &str| {
        let line = LOCK.lines().find(|line| line.contains(&format!("\"key\":\"{key}\""))).unwrap();
        let task = line.split(',').find(|part| part.starts_with("\"task\"")).unwrap();
        (line.to_owned(), line.replace("\"submitted\"", &format!("\"{state}\"")).replace(&format!("{task},"), ""))
    };
    let (submitted, doubtful) = of("sigv2", "intent");
    let failed = LOCK.replace("\"key\":\"sound\"", "\"key\":\"sound\",\"message\":\"bad\"");
    let lock = failed.replace(&submitted, &doubtful);
    let failed = lock.lines().map(|line| {
        if line.contains("\"bad\"") { line.replace("\"submitted\"", "\"failed\"") } else { line.to_owned() }
    });
    scene.write("callsheet.lock", &(failed.collect::<Vec<_>>().join("\n") + "\n"));
    let plan = server.exits(&scene, 2, &["plan", "--detailed-exitcode"]).out;
    assert!(
        plan.contains("Plan: nothing to submit, 3 unchanged, 1 failed (send again with --retry-failed), 1 in doubt"),
        "{plan}"
    );
    // This vendor does not list the take, nor anything sent later, so the take remains in doubt.
    let applied = server.exits(&scene, 6, &["apply", "--yes"]);
    assert!(applied.err.contains("lock free sigv2"), "{}", applied.err);
    assert_eq!(server.accepted().len(), 0);
    // Once freed, it is sent under its current digest, as the next submission.
    server.ok(&scene, &["lock", "free", "sigv2"]);
    let applied = server.exits(&scene, 6, &["apply", "--yes"]).out;
    assert!(applied.starts_with("Applied: 1 submitted"), "one has failed: {applied}");
    let lock = scene.read("callsheet.lock");
    let sent = lock.lines().find(|line| line.contains("\"sigv2\"") && line.contains("\"submitted\"")).unwrap();
    assert!(sent.contains("\"attempt\":2") && !sent.contains("AKIA"), "{sent}");
    server.exits(&scene, 6, &["apply", "--yes"]);
    assert_eq!(server.accepted().len(), 1);
}

/// Returns videos signed in every way that names a secret.
fn secrets() -> String {
    let hex = "0cc175b9c0f1b6a831c399e269772661";
    let signatures = [
        "AWSAccessKeyId=CANARY1&Signature=CANARY2&Expires=4000000000".to_owned(),
        "GoogleAccessId=CANARY3&Signature=CANARY4&Expires=4000000000".to_owned(),
        "OSSAccessKeyId=CANARY5&Signature=CANARY6&Expires=4000000000&security-token=CANARY7".to_owned(),
        "x-oss-credential=CANARY8&x-oss-signature=CANARY9&x-oss-security-token=CANARY10".to_owned(),
        "q-sign-algorithm=sha1&q-ak=CANARY11&q-signature=CANARY12&x-cos-security-token=CANARY13".to_owned(),
        "sr=c&si=policy&sig=CANARY14".to_owned(),
        format!("token=4000000000_{hex}CANARY15"),
        format!("verify=4000000000-{hex}CANARY16"),
        format!("auth_key=4000000000-0-0-{hex}CANARY17"),
        format!("exp=4000000000&sig={hex}CANARY18"),
        "hdnts=exp=4000000000~acl=/*~hmac=CANARY19".to_owned(),
        format!("w=3#expires=4000000000&signature={hex}CANARY20"),
    ];
    let content = [
        "token=KEPT1",
        "api_key=KEPT2",
        "apikey=KEPT3",
        "access_token=KEPT4",
        "X-Auth-Token=KEPT5",
        "client_secret=KEPT6",
        "password=KEPT7",
        "a=1%26api_key%3DKEPT8",
        "%61pi_key=KEPT9",
    ];
    let all = signatures.iter().map(String::as_str).chain(content).enumerate();
    let video = |(number, query): (usize, &str)| {
        format!(
            "  v{number}: {{ script: Text {number}, background: {{ media: {{ url: \"https://h.example.com/{number}.jpg?{query}\" }} }} }}\n"
        )
    };
    let head = "callsheet: 1\ndefaults: { avatar: { id: A1 }, voice: { tts: { id: V1 } } }\nenvironments: { production: { rate: 0 } }\nvideos:\n";
    head.to_owned() + &all.map(video).collect::<String>()
}

#[test]
fn no_output_shows_a_secret_of_a_url_and_the_lockfile_holds_no_signature() {
    let scene = Scene::manifest(&secrets());
    let server = Server::start(&scene, &[]);
    let run = |args: &[&str]| {
        let shown = server.run(&scene, args);
        for text in [&shown.out, &shown.err] {
            let leak = text.find("CANARY").or_else(|| text.find("KEPT"));
            let near = leak.map(|at| &text[at.saturating_sub(80)..(at + 20).min(text.len())]);
            assert_eq!(near, None, "{args:?}");
        }
        assert!(shown.code < 10, "{args:?} {}", shown.err);
        shown
    };
    let plans: [&[&str]; 4] =
        [&["plan"], &["plan", "-v"], &["plan", "--format", "json"], &["plan", "--format", "markdown"]];
    let before: [&[&str]; 8] = [
        &["validate"],
        &["validate", "--format", "json"],
        &["render"],
        &["render", "--format", "json"],
        &["render", "--format", "curl"],
        &["explain", "v0"],
        &["explain", "v12", "--format", "json"],
        &["plan", "--format", "github"],
    ];
    before.iter().chain(&plans).for_each(|args| drop(run(args)));
    assert_eq!(run(&["apply", "--yes", "-v"]).code, 0);
    for args in
        [&["lock", "show", "--format", "json"][..], &["status"], &["status", "--format", "json"], &["lock", "verify"]]
    {
        run(args);
    }
    let lock = scene.read("callsheet.lock");
    assert!(!lock.contains("CANARY"), "{lock}");
    for number in 1..=9 {
        assert!(lock.contains(&format!("KEPT{number}")), "part of the content: KEPT{number}");
    }
    // The plan shows the changed URL, but again without its secrets.
    let manifest = scene.read("callsheet.yaml");
    scene
        .write("callsheet.yaml", &manifest.replace("KEPT", "KEPTSAFE").replace("h.example.com/12", "h.example.com/99"));
    let changed = run(&["plan"]);
    assert!(changed.out.contains("9 to submit (9 changed)") && changed.out.contains("[redacted]"), "{}", changed.out);
    for args in plans {
        run(args);
    }
    let asked = server.ok(&scene, &["render", "--format", "curl", "--show-signatures"]).out;
    assert!(asked.contains("CANARY2") && asked.contains("KEPTSAFE2"), "{asked}");
}
