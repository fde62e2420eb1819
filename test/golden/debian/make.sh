#!/bin/sh
# Makes the small archive that the tests of image/debian read: debian/ and security/ as mirrors have
# them, and later/, the same places after an update (libcommon 1.1 is gone, 1.2 is there). Signed
# with a key made here and thrown away; keyring.asc keeps its public half. Needs dpkg-deb and gpg.
set -eu
cd "$(dirname "$0")"
rm -rf debian security later keyring.asc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GNUPGHOME="$work/gpg" SOURCE_DATE_EPOCH=1700000000 TZ=UTC
mkdir -m 700 "$GNUPGHOME"
gpg='gpg --batch --quiet --yes --faked-system-time 20231114T221320!'
$gpg --passphrase '' --quick-generate-key 'Blocktree test archive' rsa3072 sign never
$gpg --armor --export > keyring.asc

# deb PLACE NAME VERSION ARCH [FIELD: VALUE]...: builds a package and adds it to the place's list.
deb() {
  place=$1 name=$2 version=$3 arch=$4
  shift 4
  tree="$work/tree"
  rm -rf "$tree"
  mkdir -p "$tree/DEBIAN" "$tree/usr/share/doc/$name"
  echo "$name $version" > "$tree/usr/share/doc/$name/copyright"
  {
    printf 'Package: %s\nVersion: %s\nArchitecture: %s\n' "$name" "$version" "$arch"
    printf 'Maintainer: Nobody <nobody@example.org>\nDescription: for tests\n'
    for field; do echo "$field"; done
  } > "$tree/DEBIAN/control"
  pool=pool/main/$name
  test "$place" = debian || pool=pool/updates/main/$name
  mkdir -p "$place/$pool" "$work/$place"
  file="$pool/${name}_${version#*:}_$arch.deb"
  dpkg-deb --root-owner-group -Zxz --build "$tree" "$place/$file" > /dev/null
  {
    cat "$tree/DEBIAN/control"
    echo "Filename: $file"
    echo "Size: $(stat -c %s "$place/$file")"
    echo "SHA256: $(sha256sum < "$place/$file" | cut -d' ' -f1)"
    echo
  } >> "$work/$place/Packages"
}

# release PLACE SUITE [LIST]: writes dists/SUITE with the place's list, or with an empty one.
release() {
  dist="$1/dists/$2"
  for arch in amd64 arm64; do
    mkdir -p "$dist/main/binary-$arch"
    cat ${3:+"$work/$1/Packages"} < /dev/null > "$dist/main/binary-$arch/Packages"
  done
  {
    printf 'Origin: Debian\nLabel: Debian\nSuite: stable\nCodename: %s\n' "$2"
    printf 'Date: Tue, 14 Nov 2023 22:13:20 UTC\nArchitectures: amd64 arm64\nComponents: main\nSHA256:\n'
    (cd "$dist" && for file in main/*/Packages; do
      echo " $(sha256sum < "$file" | cut -d' ' -f1) $(stat -c %s "$file") $file"
    done)
  } > "$work/Release"
  $gpg --digest-algo SHA512 --clearsign -o "$dist/InRelease" "$work/Release"
}

deb debian alpha 1.0-1 amd64 'Pre-Depends: libpre' 'Depends: libcommon (>= 1)' 'Recommends: extra'
deb debian beta 1:2.0-1+b1 amd64 'Source: beta-source (1:2.0-1)' 'Depends: libcommon, either-one | either-two'
deb debian either-one 1 all
deb debian either-two 1 all
deb debian extra 1 all
deb debian libcommon 1.0-1 amd64
deb debian libpre 1~rc1+dfsg-1 amd64
deb debian stuck 1 all 'Depends: not-there'
deb security libcommon 1.1-1 amd64
deb later libcommon 1.2-1 amd64
release debian trixie list
release debian trixie-updates
release security trixie-security list
release later trixie-security list
