"""Renders templates with Python's Jinja2, set up as transformers sets it up for chat templates.

Standard input: one JSON object a line, {"template": text, "variables": {name: value}, "now": ISO date or null}.
Standard output: for each, {"text": ...} or {"error": ...} on a line.
"""

import functools
import json
import sys
from datetime import datetime

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.nodes import CallBlock
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(Extension):
    """The block that marks what the assistant says; here it only writes its body."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return CallBlock(self.call_method("_write"), [], [], body).set_lineno(line)

    @jinja2.pass_eval_context
    def _write(self, context, caller):
        return caller()


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception

compiled = functools.lru_cache(maxsize=None)(environment.from_string)

for line in sys.stdin:
    request = json.loads(line)
    now = request.get("now")
    variables = dict(request["variables"])
    if now:
        moment = datetime.fromisoformat(now)
        variables["strftime_now"] = lambda format: moment.strftime(format)
    try:
        answer = {"text": compiled(request["template"]).render(**variables)}
        json.dumps(answer, ensure_ascii=False).encode()
    except Exception as error:  # whatever fails, fails for the template at hand
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer))
