# Sourced by ./run and ./test: sets `python` to a Python 3.11 or newer from the PATH, or ends with a sentence.
for python in python3 python3.14 python3.13 python3.12 python3.11 python ''; do
    if [ -n "$python" ] && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        break
    fi
done
if [ -z "$python" ]; then
    echo "Maskloom needs Python 3.11 or newer, and none was found on the PATH. Get it from your system's" >&2
    echo "packages (Debian, Ubuntu: sudo apt install python3 python3-venv) or from https://www.python.org." >&2
    exit 1
fi
