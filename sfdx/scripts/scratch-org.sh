#!/bin/sh
# Makes a scratch org with Tandem in it: org, metadata, rights, demo world, partners who sign in, site.
# Safe to repeat: what is there already stays. --help says how to use it.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
root=$(dirname "$here")
cli='npm install --global @salesforce/cli'
alias=tandem
hub=
days=7
partners=2
steps=org,metadata,access,data,partners,site
dry=

usage() {
    cat <<'TEXT'
Usage: scratch-org.sh [--alias NAME] [--dev-hub NAME] [--days 1-30] [--partners NUMBER] [--steps LIST] [--dry-run]

  --alias NAME       what the org is called on this machine; one that is there already is used (tandem)
  --dev-hub NAME     the Dev Hub that makes it (the one that `sf` has as its default)
  --days 1-30        how long it lives (7)
  --partners NUMBER  how many partners get a user that signs in (2)
  --steps LIST       only these, by commas: org, metadata, access, data, partners, site (all)
  --dry-run          say each command and run none

From the environment, for the step metadata: TANDEM_URL, where the org reaches the service; TANDEM_CERTIFICATE, of
Tandem's key; TANDEM_CONTACT, whom Salesforce writes to about the app, and TANDEM_SITE_SENDER, from which the site's
mails go (both: the org's admin). docs/admin.md says where they come from.
To throw the org away: sf org delete scratch --target-org NAME
TEXT
}

say() { printf '%s\n' "$*" >&2; }
fail() { say "scratch-org: $*"; exit 1; }
wanted() { case ",$steps," in *",$1,"*) return 0 ;; *) return 1 ;; esac; }
needs() { [ "$2" -ge 2 ] || fail "$1 needs a value. See --help."; }
number() { case $2 in '' | *[!0-9]*) fail "$1 takes a number, not '$2'." ;; esac; }

while [ $# -gt 0 ]; do
    case $1 in
        --alias) needs "$1" $#; alias=$2; shift ;;
        --dev-hub) needs "$1" $#; hub=$2; shift ;;
        --days) needs "$1" $#; number "$1" "$2"; days=$2; shift ;;
        --partners) needs "$1" $#; number "$1" "$2"; partners=$2; shift ;;
        --steps) needs "$1" $#; steps=$2; shift ;;
        --dry-run) dry=1 ;;
        -h | --help) usage; exit 0 ;;
        *) fail "There is no option $1. See --help." ;;
    esac
    shift
done
[ "$days" -ge 1 ] && [ "$days" -le 30 ] || fail "A scratch org lives 1 to 30 days, not $days. Give --days."
for step in $(printf '%s' "$steps" | tr , ' '); do
    case $step in
        org | metadata | access | data | partners | site) ;;
        *) fail "There is no step $step. Steps are org, metadata, access, data, partners, site." ;;
    esac
done

# The command as it could be typed; what is a word of several goes in quotes.
shown() {
    line=
    for word in "$@"; do
        case $word in *[!A-Za-z0-9_./=:,@-]*) word="'$(printf '%s' "$word" | sed "s/'/'\\\\''/g")'" ;; esac
        line="$line $word"
    done
    printf '%s\n' "${line# }"
}
run() {
    if [ -n "$dry" ]; then shown "$@"; else say "scratch-org: $(shown "$@")"; "$@" </dev/null; fi
}
# The first column of the first row that a query gives; empty where it gives none. A dry run assumes $2.
ask() {
    query=$1 assumed=$2
    shift 2
    set -- sf data query --target-org "$alias" --result-format csv --query "$query" "$@"
    if [ -n "$dry" ]; then shown "$@" >&2; printf '%s\n' "$assumed"; return 0; fi
    "$@" </dev/null 2>/dev/null | sed -n '2{s/,.*//;p;}' | tr -d '"\r'
}
quoted() { printf '%s' "$1" | sed "s/'/\\\\'/g"; }

tandem=$root/.venv/bin/tandem
if [ -z "$dry" ]; then
    command -v sf >/dev/null 2>&1 || fail "Salesforce's CLI is not there. Install Node 22 or newer and then: $cli"
    sf --version >/dev/null 2>&1 || fail "Salesforce's CLI does not start. Install it anew: $cli"
    if wanted data || wanted partners; then
        [ -x "$tandem" ] || fail "$tandem is not there: it writes the demo world. Run 'make setup' in $root first."
    fi
fi
there() { [ -n "$dry" ] && return 1; sf org display --target-org "$alias" --json >/dev/null 2>&1; }

cd "$here"

if wanted org; then
    if there; then
        say "scratch-org: the org $alias is there and is used."
    else
        set -- sf org create scratch --definition-file config/project-scratch-def.json --alias "$alias" --duration-days "$days" --wait 30
        [ -z "$hub" ] || set -- "$@" --target-dev-hub "$hub"
        run "$@" || fail "The org was not made. A Dev Hub must be signed in ('sf org login web --set-default-dev-hub') and have scratch orgs left ('sf org list limits --target-org HUB'); Salesforce's reason stands above."
    fi
elif [ -z "$dry" ] && ! there; then
    fail "There is no org called $alias on this machine. Leave the step org in, or sign in: sf org login web --alias $alias"
fi

admin=$(ask "SELECT Username FROM User WHERE Profile.Name = 'System Administrator' AND IsActive = true ORDER BY CreatedDate LIMIT 1" ADMIN)
[ -n "$admin" ] || fail "The org $alias has no active System Administrator that this user can see. Sign in as one: sf org login web --alias $alias"

if wanted metadata; then
    mail=$(ask "SELECT Email FROM User WHERE Username = '$(quoted "$admin")'" admin@example.com)
    export TANDEM_SITE_SENDER="${TANDEM_SITE_SENDER:-$mail}" TANDEM_CONTACT="${TANDEM_CONTACT:-$mail}"
    [ -n "$TANDEM_SITE_SENDER" ] && [ -n "$TANDEM_CONTACT" ] || fail "The admin has no mail address. Set TANDEM_SITE_SENDER and TANDEM_CONTACT."
    if [ -z "$dry" ]; then
        [ -n "${TANDEM_URL:-}" ] || fail "TANDEM_URL is not set: the address of the service, https and without a path, that the org can reach."
        [ -n "${TANDEM_CERTIFICATE:-}" ] || fail "TANDEM_CERTIFICATE is not set: the certificate of Tandem's key. Make it with 'tandem connect --new-key tandem.key' and export what stands between the lines of tandem.crt."
    fi
    signs=$(ask "SELECT Id FROM Certificate WHERE DeveloperName = 'Tandem'" CERTIFICATE --use-tooling-api)
    [ -n "$signs" ] || fail "The org has no certificate called Tandem, with which it signs its users in. Make it under Certificate and Key Management ('sf org open --target-org $alias --path lightning/setup/CertificatesAndKeysManagement/home') and run this again."
    run sf project deploy start --source-dir force-app --target-org "$alias" --wait 60 ||
        fail "The metadata was not deployed; the components at fault stand above. Nothing of it was kept. Mend them and run again with --steps ${steps#org,}"
fi

if wanted access; then
    for set in Tandem_Admin Tandem_Rep Tandem_Approver Tandem_Integration; do
        held=$(ask "SELECT Id FROM PermissionSetAssignment WHERE Assignee.Username = '$(quoted "$admin")' AND PermissionSet.Name = '$set'" '')
        [ -n "$held" ] || run sf org assign permset --name "$set" --target-org "$alias" --on-behalf-of "$admin" ||
            fail "$set was not assigned to $admin. Is the metadata there? Run the step metadata first."
    done
fi

world=$root/build/world
if wanted data || wanted partners; then
    run "$tandem" sandbox tree "$world" || fail "The demo world was not written; the reason stands above."
fi

if wanted data; then
    known=$(ask "SELECT Id FROM Account WHERE Name = 'Lone Star Controls LLC'" '')
    if [ -n "$known" ]; then
        say "scratch-org: the demo world is in the org already."
    else
        run sf data import tree --plan "$world/plan.json" --target-org "$alias" ||
            fail "The demo world was not loaded in full; the records at fault stand above. A file goes in whole or not at all: delete what is there, or make a new org."
    fi
fi

# A partner's user belongs to a contact of an account that is a partner, and that account's owner needs a role.
partner() {
    account=$1 email=$2 first=$3 last=$4 zone=$5 locale=$6 language=$7
    user=$(ask "SELECT Username FROM User WHERE Contact.Email = '$(quoted "$email")'" '')
    if [ -n "$user" ]; then
        say "scratch-org: $user is there."
        return 0
    fi
    contact=$(ask "SELECT Id FROM Contact WHERE Email = '$(quoted "$email")'" CONTACT)
    [ -n "$contact" ] || fail "There is no contact $email in the org. Run the step data first."
    run sf data update record --target-org "$alias" --sobject Account --where "Name='$(quoted "$account")'" --values "IsPartner=true" ||
        fail "$account could not be made a partner. The org needs partner licences: see features in config/project-scratch-def.json."
    run sf data create record --target-org "$alias" --sobject User --values "Username='$email.$org' Email='$email' FirstName='$(quoted "$first")' LastName='$(quoted "$last")' Alias='$(printf '%.8s' "$last")' CommunityNickname='$contact' ProfileId='$profile' ContactId='$contact' TimeZoneSidKey='$zone' LocaleSidKey='$locale' LanguageLocaleKey='$language' EmailEncodingKey='UTF-8'" ||
        fail "$email got no user; Salesforce's reason stands above."
    run sf org assign permset --name Tandem_Partner --target-org "$alias" --on-behalf-of "$email.$org" ||
        fail "Tandem_Partner was not assigned to $email.$org. Is the metadata there? Run the step metadata first."
}

if wanted partners; then
    org=$(ask "SELECT Id FROM Organization" 00D000000000000 | tr '[:upper:]' '[:lower:]')
    profile=$(ask "SELECT Id FROM Profile WHERE Name = 'Partner Community User'" PROFILE)
    [ -n "$profile" ] || fail "The org has no profile 'Partner Community User'. It needs Communities and PRM: see features in config/project-scratch-def.json."
    role=$(ask "SELECT UserRoleId FROM User WHERE Username = '$(quoted "$admin")' AND UserRoleId != null" '')
    if [ -z "$role" ]; then
        role=$(ask "SELECT Id FROM UserRole WHERE Name = 'Channel Management'" '')
        [ -n "$role" ] || run sf data create record --target-org "$alias" --sobject UserRole --values "Name='Channel Management'" ||
            fail "The role 'Channel Management' was not made; owners of partner accounts need one."
        role=${role:-$(ask "SELECT Id FROM UserRole WHERE Name = 'Channel Management'" ROLE)}
        run sf data update record --target-org "$alias" --sobject User --where "Username='$(quoted "$admin")'" --values "UserRoleId=$role" ||
            fail "$admin could not be given a role; owners of partner accounts need one."
    fi
    if [ -n "$dry" ]; then
        partner 'Lone Star Controls LLC' seller@example.com First Last America/New_York en_US en_US
        say "scratch-org: and so for each further partner of $world/partners.txt, $partners in all."
    else
        sed "${partners}q" "$world/partners.txt" | while IFS='|' read -r one two three four five six seven; do
            partner "$one" "$two" "$three" "$four" "$five" "$six" "$seven"
        done
    fi
fi

if wanted site; then
    run sf community publish --name PartnerPortal --target-org "$alias" ||
        fail "The site was not published. Is the metadata there? Run the step metadata first."
fi

say "scratch-org: done. Open it with: sf org open --target-org $alias"
say "scratch-org: still by hand, as docs/admin.md says: activate the site, and set up the credentials."
