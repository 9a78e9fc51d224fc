# Sourced by script/demo and script/test: kpi, built and running in a PostgreSQL of its own.
#
# The server is a private copy of the installed one. PostgreSQL looks for its libraries and extensions from where its
# own binary lies, so kpi goes into the copy, and neither the system's server nor the checkout is touched. All of it
# lies in one temporary folder, which goes when the script ends, unless $keep says otherwise.
#
# PG_MAJOR chooses among several installed versions; the newest is taken without it.

set -euo pipefail
umask 022

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
major=${PG_MAJOR:-}
keep= tmp= config= updated=
unset "${!PG@}"
export LC_ALL=C.UTF-8

fail()
{
	echo "$*" >&2
	exit 1
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		fail "this needs root or sudo: $*"
	fi
}

# initdb and the server refuse to run as root
as_owner()
{
	if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# apt_get ARGUMENT…: says nothing unless it fails; waits where another apt-get is at work, as at the start of a new machine
apt_get()
{
	local said
	for _ in {1..90}; do
		said=$(as_root env LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" 2>&1) && return
		[[ $said == *'Could not get lock'* ]] || break
		sleep 2
	done
	echo "$said" >&2
	return 1
}

# once a run
update_lists()
{
	[ -n "$updated" ] || apt_get update
	updated=1
}

missing()
{
	local package
	for package; do
		dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || echo "$package"
	done
}

# choose_version: sets $major
choose_version()
{
	command -v apt-get >/dev/null || fail 'this needs Debian or Ubuntu'
	[ -n "$major" ] || major=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres |
		sed -n 's:.*/\([0-9][0-9]*\)/bin/postgres:\1:p' | sort -n | tail -1)
	if [ -z "$major" ]; then
		update_lists
		major=$(apt-cache depends postgresql | sed -n 's/^ *Depends: postgresql-\([0-9]*\)$/\1/p')
	fi
	[ "${major:-0}" -ge 15 ] || fail "this needs PostgreSQL 15 or later, here is ${major:-none}"
}

# install_packages [PACKAGE…]: the server, what compiles, and these
install_packages()
{
	local wanted
	wanted=$(missing gcc libc6-dev make "postgresql-$major" "$@")
	[ -n "$wanted" ] || return 0
	echo "Installing" $wanted
	update_lists
	# Without this the server's package makes and starts a cluster.
	config=/etc/postgresql-common/createcluster.d/kpi.conf
	as_root mkdir -p "${config%/*}"
	echo 'create_main_cluster = false' | as_root tee "$config" >/dev/null
	apt_get install --no-install-recommends $wanted || wanted=
	as_root rm "$config"
	config=
	[ -n "$wanted" ] || fail 'they could not be installed'
}

download()
{
	apt-get -qq -o APT::Sandbox::User="$(id -un)" download "$1"
}

# copy_server: sets $tmp and $bin
copy_server()
{
	local name version
	tmp=$(mktemp -d -t kpi.XXXXXX)
	chmod 755 "$tmp"
	cd "$tmp"

	mkdir -p server/lib/postgresql server/share/postgresql server/include
	cp -rs "/usr/lib/postgresql/$major" server/lib/postgresql
	cp -rs "/usr/share/postgresql/$major" server/share/postgresql
	if [ -e "/usr/include/postgresql/$major/server/postgres.h" ]; then
		ln -s /usr/include/postgresql server/include
	else
		# Installing the headers' package would install LLVM.  Newer headers may
		# name functions that an older server has not, so they should be of the
		# server's own version, if it can still be had.
		name=postgresql-server-dev-$major
		version=$(dpkg-query -W -f '${Version}' "postgresql-$major")
		download "$name=$version" 2>/dev/null || {
			update_lists
			download "$name=$version" 2>/dev/null || download "$name"
		}
		dpkg -x postgresql-server-dev-*.deb headers
		mv headers/usr/include/postgresql server/include
	fi
	rm -f server/lib/postgresql/*/lib/kpi.so server/share/postgresql/*/extension/kpi[.-]*
	bin=$tmp/server/lib/postgresql/$major/bin
	# These find the rest from where they lie, through symbolic links.
	for name in initdb pg_config pg_ctl postgres; do
		cp --remove-destination "/usr/lib/postgresql/$major/bin/$name" "$bin"
	done
}

# add_package PACKAGE: unpacks an extension's package into the copied server; false if there is none.  Installing it would
# install LLVM, too.
add_package()
{
	local extension=share/postgresql/$major/extension
	rm -rf package
	{ update_lists && download "$1"; } 2>/dev/null || return 1
	dpkg -x "$1"_*.deb package
	cp package/usr/lib/postgresql/"$major"/lib/*.so "server/lib/postgresql/$major/lib/"
	cp package/usr/"$extension"/* "server/$extension/"
}

# build COPT: compiles a copy of the checkout and installs it into the copied server
build()
{
	rm -rf kpi
	mkdir kpi
	tar -C "$root" --exclude=./.git --exclude=node_modules -c . | tar -C kpi --no-same-owner -x
	make -s -C kpi PG_CONFIG="$bin/pg_config" with_llvm=no clean
	make -s -C kpi PG_CONFIG="$bin/pg_config" with_llvm=no COPT="$1" install >/dev/null
}

# start_server [-c SETTING=VALUE…]
start_server()
{
	local owner=()
	if [ "$(id -u)" = 0 ]; then owner=(-o postgres); fi
	# Nobody else reaches a socket in a folder of mode 700.
	install -d -m 700 "${owner[@]}" "$tmp/run"
	as_owner "$bin/initdb" -D "$tmp/run/data" -U postgres -A trust -E UTF8 --locale=C -N >/dev/null
	as_owner "$bin/pg_ctl" -D "$tmp/run/data" -l "$tmp/run/log" -s -w \
		-o "-k '$tmp/run' -c listen_addresses='' -c fsync=off -c jit=off $*" start || fail "$(cat "$tmp/run/log")"
	export PATH=$bin:$PATH PGHOST=$tmp/run PGUSER=postgres PGDATABASE=postgres PGCLIENTENCODING=UTF8
}

stop_server()
{
	as_owner "$bin/pg_ctl" -D "$tmp/run/data" -s -m immediate stop
	rm -rf "$tmp/run"
}

remove()
{
	[ -z "$config" ] || as_root rm -f "$config"
	[ -z "$keep" ] && [ -n "$tmp" ] || return 0
	[ ! -e "$tmp/run/data/postmaster.pid" ] || stop_server || true
	cd / && rm -rf "$tmp"
}

trap remove EXIT
trap 'exit 1' HUP INT TERM
