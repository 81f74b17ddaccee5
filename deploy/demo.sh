# The demo's story, told through the real API with gatehousectl: an operator, one organisation, its
# administrator, three people of whom one has not signed in yet. Sourced by deploy/run, which sets BIN,
# SERVER_FLAGS and port. What the people's passwords are, and what their authenticator apps would know,
# stays in run/demo, readable by its owner alone.
# shellcheck shell=bash disable=SC2034,SC2154

OPERATOR=op.gatehouse
ADMINISTRATOR=la.riverside
AUP_VERSION=2026-11

# as NAME COMMAND...: gatehousectl with that person's own kept token.
as() {
  local name=$1
  shift
  "$BIN/gatehousectl" --server "127.0.0.1:$port" --credentials "run/demo/$name.credentials" --json "$@"
}

# The value of a string field in the JSON on standard input.
json_field() {
  sed -n "s/^.*\"$1\": *\"\([^\"]*\)\".*$/\1/p" | head -n 1
}

passphrase() {
  local words=(amber anchor barley beacon canyon cedar copper delta ember falcon garnet granite harbour
    island juniper kettle lantern meadow nickel orbit pepper quarry ribbon saddle teapot umber velvet willow)
  printf '%s-%s-%s-%02d\n' "${words[SRANDOM % ${#words[@]}]}" "${words[SRANDOM % ${#words[@]}]}" \
    "${words[SRANDOM % ${#words[@]}]}" $((SRANDOM % 100))
}

# Letters only, as an account secret wants them.
secret_word() {
  passphrase | tr -dc '[:lower:]'
  echo
}

# The first organisation and its operator, offline, once.
bootstrap() {
  mkdir -p run/demo && chmod 700 run/demo || return 1
  [ ! -e run/demo/bootstrap.json ] || return 0
  (umask 077 && "$BIN/gatehouse-server" bootstrap --organisation_name="Gatehouse" --username="$OPERATOR" \
    --given_name=Olive --family_name=Root "${SERVER_FLAGS[@]}" >run/demo/bootstrap.json.new) || return 1
  mv run/demo/bootstrap.json.new run/demo/bootstrap.json
}

# first_password NAME TEMPORARY: signs in with it and chooses another, kept in run/demo/NAME.password.
first_password() {
  local name=$1
  (umask 077 && passphrase >"run/demo/$name.password" && secret_word >"run/demo/$name.secret") || return 1
  as "$name" sign-in "$name" --password-file <(printf '%s\n' "$2") &&
    as "$name" account change-password --password-file <(printf '%s\n' "$2") \
      --new-password-file "run/demo/$name.password"
}

complete_actions() {
  as "$1" account complete --accept-aup "$AUP_VERSION" --keep-profile --secret-file "run/demo/$1.secret"
}

# register_app NAME: the second factor that an administrator needs. oathtool is the app; what it shares
# with the server stays in run/demo/NAME.totp.
register_app() {
  local answer
  answer=$(as "$1" methods register app --password-file "run/demo/$1.password") || return 1
  (umask 077 && sed -n 's/^.*[?]secret=\([A-Z2-7]*\).*$/\1/p' <<<"$answer" >"run/demo/$1.totp") || return 1
  # Its answer holds the codes to print.
  (umask 077 && as "$1" methods confirm --code-file <(code_of "$1") -- "$(json_field method_id <<<"$answer")" \
    >"run/demo/$1.method")
}

# code_of NAME: what the app shows now.
code_of() {
  oathtool --totp --base32 "@run/demo/$1.totp"
}

# person ACTOR USERNAME GIVEN FAMILY: created by ACTOR; prints the temporary password.
person() {
  local answer
  answer=$(as "$1" account create "$2" --organisation "${organisation:-}" --given-name "$3" \
    --family-name "$4" --email "$2@example.org") || return 1
  json_field temporary_password <<<"$answer"
}

on_three_devices() {
  local device
  for device in 'Chrome on Windows' 'Outlook on iPhone' 'Ward 7 kiosk'; do
    as "$1.elsewhere" sign-in "$1" --password-file "run/demo/$1.password" --device "$device" || return 1
  done
  rm -f "run/demo/$1.elsewhere.credentials"
}

seed_system() {
  local temporary
  temporary=$(json_field temporary_password <run/demo/bootstrap.json)
  first_password "$OPERATOR" "$temporary" &&
    as "$OPERATOR" organisation publish-aup "$AUP_VERSION" --uri https://example.org/aup/"$AUP_VERSION" \
      --sha256 "$(printf 'Use it well.' | sha256sum | cut -d ' ' -f 1)" &&
    complete_actions "$OPERATOR" &&
    register_app "$OPERATOR" &&
    as "$OPERATOR" organisation create "Riverside Trust"
}

seed_people() {
  local temporary name organisation='Riverside Trust'
  temporary=$(person "$OPERATOR" "$ADMINISTRATOR" Lena Abara) || return 1
  as "$OPERATOR" account grant-role "$ADMINISTRATOR" local-admin || return 1
  first_password "$ADMINISTRATOR" "$temporary" && complete_actions "$ADMINISTRATOR" &&
    register_app "$ADMINISTRATOR" || return 1
  organisation=
  for name in 'asha.patel Asha Patel' 'sam.osei Sam Osei'; do
    # shellcheck disable=SC2086
    temporary=$(person "$ADMINISTRATOR" $name) || return 1
    first_password "${name%% *}" "$temporary" && complete_actions "${name%% *}" || return 1
  done
  as asha.patel sign-out && on_three_devices asha.patel || return 1
  # Nobody has signed in here yet: PENDING, with a temporary password.
  temporary=$(person "$ADMINISTRATOR" june.ortega June Ortega) || return 1
  (umask 077 && printf '%s\n' "$temporary" >run/demo/june.ortega.password)
}

seed() {
  NOTE='Riverside Trust: 1 administrator, 3 people'
  [ ! -e run/demo/seeded ] || return 0
  if ! { seed_system && seed_people; }; then
    echo
    echo 'The demo is half told. deploy/run --reset begins it anew.'
    return 1
  fi
  touch run/demo/seeded
}
