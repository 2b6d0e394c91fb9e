#!/bin/sh
# Installs callsheet: curl -fsSL https://github.com/OWNER/REPO/releases/latest/download/install.sh | sh
# Options: --to FOLDER (default ~/.local/bin), --version v1.2.3 (default: the latest).
set -eu

releases=${CALLSHEET_RELEASES:-https://github.com/@REPOSITORY@/releases}
to=${HOME:-}/.local/bin
version=latest

die() { echo "callsheet was not installed: $*" >&2; exit 1; }

# All in a function, so that half a download runs nothing.
main() {
  while [ $# -gt 0 ]; do
    case $1 in
      --to) [ $# -gt 1 ] || die "--to wants a folder"; to=$2; shift 2 ;;
      --version) [ $# -gt 1 ] || die "--version wants a tag"; version=$2; shift 2 ;;
      *) die "\`$1\` is no option; there are --to FOLDER and --version TAG" ;;
    esac
  done
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) target=x86_64-unknown-linux-musl ;;
    Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-musl ;;
    Darwin-x86_64) target=x86_64-apple-darwin ;;
    Darwin-arm64) target=aarch64-apple-darwin ;;
    *) die "there is no binary for $(uname -s) $(uname -m); try \`cargo install callsheet\`" ;;
  esac
  if [ "$version" = latest ]; then from=$releases/latest/download; else from=$releases/download/$version; fi
  command -v curl >/dev/null || die "it needs curl"
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  archive=callsheet-$target.tar.gz
  curl -fsSL --retry 3 "$from/$archive" -o "$folder/$archive" || die "$from/$archive cannot be fetched"
  curl -fsSL --retry 3 "$from/SHA256SUMS" -o "$folder/SHA256SUMS" || die "$from/SHA256SUMS cannot be fetched"
  cd "$folder"
  grep " $archive\$" SHA256SUMS > wanted || die "SHA256SUMS does not name $archive"
  if command -v sha256sum >/dev/null; then sha256sum -c wanted >/dev/null; else shasum -a 256 -c wanted >/dev/null; fi ||
    die "the checksum of $archive is wrong"
  tar -xzf "$archive"
  mkdir -p "$to" || die "$to cannot be made"
  # Next to the old one first: a running callsheet is never half overwritten.
  cp callsheet "$to/.callsheet.new" && chmod 755 "$to/.callsheet.new" && mv -f "$to/.callsheet.new" "$to/callsheet" ||
    die "$to cannot be written; choose another with --to"
  echo "installed $("$to/callsheet" --version) as $to/callsheet"
  case :$PATH: in *":$to:"*) ;; *) echo "$to is not on your PATH yet" ;; esac
}

main "$@"
