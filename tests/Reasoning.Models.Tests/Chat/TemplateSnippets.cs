namespace Reasoning.Models.Tests;

/// <summary>Small templates, each for one construct.</summary>
internal static class TemplateSnippets
{
    /// <summary>The variables that all of them use, as JSON.</summary>
    internal const string Variables = """
        {"s": "Hello", "n": 7, "l": [3, 1, 2], "d": {"a": 1, "b": "x"}, "p": [{"name": "A", "v": 1}, {"name": "B", "v": 2}], "x": null, "f": 0.1, "obj": {"items": 5, "keys": [1]}, "emoji": "a\ud83d\ude00b"}
        """;

    /// <summary>One template a line.</summary>
    private const string Everywhere = """
        {% for i in l %}{{ i }}{% if not loop.last %}, {% endif %}{% endfor %}
        {% for i in l %}{{ loop.previtem }}-{{ loop.nextitem }};{% endfor %}
        {% for i in [] %}x{% else %}empty{% endfor %}
        {% for i in l if i > 9 %}x{% else %}empty{% endfor %}
        {% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}
        {% for k in d %}{{ k }}{% endfor %}
        {% for a, b in [[1,2],[3,4]] %}{{ a + b }}{% endfor %}
        {% for i in l %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}
        {% for i in l %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% endfor %}
        {% set ns = namespace(c=0) %}{% for i in l %}{% set ns.c = ns.c + i %}{% endfor %}{{ ns.c }}
        {% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}{{ ns.zz }}
        {% set ns.a = 1 %}
        {% set a, b = 1, 2 %}{{ a }}{{ b }}
        {% set x %}block {{ n }}{% endset %}{{ x }}|{{ x|length }}
        {% if true %}{% set q = 5 %}{% endif %}{{ q }}
        {% macro m(a, b=2, c) %}{% endmacro %}
        {% macro m(a, b=2) %}[{{ a }},{{ b }}]{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(b=1, a=0) }}{{ m() }}
        {% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
        {% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, q=2) }}
        {% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}in {{ n }}{% endcall %}
        {% macro m(l) %}{% for i in l %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(x) m(l) %}[{{ x }}]{% endcall %}
        {% macro fact(k) %}{% if k <= 1 %}1{% else %}{{ k * (fact(k - 1)|int) }}{% endif %}{% endmacro %}{{ fact(5) }}
        {% macro m(a, b=a) %}{{ b }}{% endmacro %}{{ m(4) }}
        {% set g = 1 %}{% macro m() %}{{ g }}{% endmacro %}{% set g = 2 %}{{ m() }}
        {# comment #}a{#- c -#} b
        a {#- c #}
        b
        y
        x{% endif +%}
        y
        a  {%- if true -%}  b  {%- endif %}  c
        {{ 'a' -}}   b
        a   {{- 'b' }}
        {{ 'a' 'b' "c" }}
        {{ 'a' < 'b' }}{{ [1, 2] < [1, 3] }}{{ 'a' < 1 }}
        {{ 1 in s }}
        {{ 'yes' if n > 3 else 'no' }}{{ 'yes' if n > 30 }}{{ 'a' if false else 'b' if false else 'c' }}
        {{ s[0] }}{{ s[-1] }}{{ s[1:3] }}{{ s[::-1] }}{{ s[:-1] }}{{ s[::2] }}{{ s[-3:] }}{{ s[10] }}|
        {{ l[0] }}{{ l[-1] }}{{ l[::-1] }}{{ l[1:] }}{{ l[5] }}{{ l[5:] }}{{ l['a'] }}
        {{ p.0.name }}{{ p[1].v }}
        {{ undefinedname + 'a' }}
        {{ undefinedname < 1 }}
        {{ none + 1 }}
        {{ '-'.join(['a', 'b']) }}{{ ', '.join(d) }}{{ 'a'.join([1]) }}
        {{ (l|map('string'))|last }}
        {{ l|map('string')|length }}
        {{ range(3)|list }}{{ range(1, 4)|list }}{{ range(5, 0, -2)|list }}{{ range(3)[1] }}{{ range(3)|length }}{{ range(0)|list }}
        {{ '%s %s' % (1,) }}
        {{ '%s' % (1, 2) }}
        {{ [1] + (2,) }}
        {{ n|abs }}{{ -3|abs }}{{ (-3)|abs }}{{ -3.5|abs }}
        {{ l.append(4) }}
        {% set _ = d.update({'z': 1}) %}
        {{ raise_exception('boom') }}
        {% generation %}a {{ n }}{% endgeneration %}b
        {% if n == 7 %}a{% elif n == 8 %}b{% else %}c{% endif %}
        {% if (n == 7) and not d.zz %}ok{% endif %}
        {% if 1 in l and 'x' not in l %}ok{% endif %}
        {% if n is defined and n %}ok{% endif %}
        {{ n }}
        {{n}}{{  n  }}{{
        n
        }}
        {% set x = {
        {{ l[1:2, 0] }}
        {{ d[1:] }}
        {{ l|nosuch }}
        {{ l is nosuch }}
        {% nosuch %}
        {% for i in 5 %}{% endfor %}
        {% for i in l %}
        {{ 'unclosed }}
        {{ n
        {% endif %}
        {{ }}
        {{ 1 + }}
        {{ [1, 2 }}
        {{ n n }}
        {{ loop }}
        {% break %}
        {% for a, b in l %}{{ a }}{% endfor %}
        {{ s() }}
        {{ zork() }}
        {{ l|join(1, 2, 3, 4) }}
        {{ 0.1 }}{{ 00 }}
        {{ l.0 }}{{ l.1 + 1 }}
        {{ l|map('pow', 2)|list }}
        {{ '{{' }}{{ '%}' }}{{ "}}" }}
        {{ {'a':{'b':1}}.a.b}}
        {%   if n   %}a{%endif%}
        {%-if n-%}a{%-endif-%}
        {{-n-}}
        {{+n}}
        {%- for i in l -%} {{ i }} {%- endfor -%} x
        """;

    /// <summary>One template a line; here @huggingface/jinja does otherwise than Jinja2, which we follow: see docs/chat-templates.md.</summary>
    private const string OnlyInPython = """
        {{ d|attr('a') is defined }}{{ d|attr('a') }}{{ (d|attr('items'))()|list }}{{ obj|attr('keys') is callable }}{{ d|attr('zz')|default('q') }}
        {{ l|attr('0') is defined }}{{ (s|attr('upper'))() }}{{ s|attr('nope') is defined }}{{ x|attr('y') is defined }}
        {{ l|attr(0) }}
        {{ d|attr(1) }}
        {{ missing|attr('x') }}
        {{ d|attr() }}
        {% set ns = namespace(x=4) %}{{ ns|attr('x') }}{{ ns|attr('y') is defined }}{% for i in l %}{{ loop|attr('index') }}{% endfor %}
        {{ p|map('attr', 'name')|select('defined')|list|length }}{{ [s]|map('attr', 'lower')|list|length }}
        {% for i in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.depth }};{% endfor %}
        {% for i in l %}{{ loop.previtem is defined }}{{ loop.nextitem is defined }}{{ loop.previtem|default('none') }}{% endfor %}
        {% for i in l if i > 1 %}{{ i }}{{ loop.last }}{{ loop.length }}{% else %}none{% endfor %}
        {% for (a, b), c in [[[1,2],3]] %}{{ a ~ b ~ c }}{% endfor %}
        {% for c in emoji %}[{{ c }}]{% endfor %}
        {% for i in l %}{% for j in l %}{{ loop.depth }}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}
        {% for i in range(3) %}{% set x = i %}{% endfor %}{{ x }}
        {% set x = 1 %}{% for i in range(3) %}{{ x }}{% set x = i + 10 %}{{ x }}{% endfor %}{{ x }}
        {% set t = 1, %}{{ t }}
        {% set x | upper %}block{% endset %}{{ x }}
        {% set x | upper | replace('B', 'c') %}block{% endset %}{{ x }}
        {% filter upper | trim %} abc {% endfilter %}
        {% with a = 1, b = n %}{{ a + b }}{% endwith %}{{ a }}
        {% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q is defined }}
        {% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, z=4) }}
        {% raw %}{{ not }} {% x %}{% endraw %}!
        {%- raw -%}  a {%- endraw -%}  b
        {{ "\n\t\\ \x41 é \u00e9 \q" }}
        {{ {'a': {'b': {}}} }}
        {{ {'a': [1, 2.0, none, true, 'it\'s', "q\"'", 'x\ny']} }}
        {{ (1,) }}{{ () }}{{ (1, 2) }}{{ [(1, 'a')] }}
        {{ 1.0 }} {{ 1e20 }} {{ 1e-7 }} {{ 123456789.123 }} {{ 1e16 }} {{ 0.1 + 0.2 }} {{ 1e15 }} {{ 100000.0 * 3 }} {{ 5e-324 }} {{ 1.7976931348623157e308 }}
        {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 7.5 // 2 }} {{ -7.5 % 2 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }} {{ 6 / 3 }}
        {{ 1 / 0 }}
        {{ 1 < 2 < 3 }}{{ 1 < 3 < 2 }}{{ 3 > 2 == true }}
        {{ 1 == 1.0 == true }}{{ 1 == '1' }}{{ [1] == [1.0] }}{{ (1,) == [1] }}{{ none == false }}
        {{ 'ell' in s }}{{ 1 in l }}{{ 'a' in d }}{{ 4 not in l }}{{ 'x' in undefinedname }}
        {{ not true or true }}{{ not (true or true) }}{{ 1 and 0 }}{{ 0 or 'x' }}{{ none and 1 }}
        {{ emoji|length }}{{ emoji[1] }}{{ emoji[::-1] }}{{ emoji[2:] }}{{ emoji|upper }}{{ emoji.find('b') }}
        {{ d.a }}{{ d['a'] }}{{ d.zz }}{{ d['zz'] }}{{ d.items()|list }}{{ d.keys()|list }}{{ d.values()|list }}{{ d.get('a') }}{{ d.get('q') }}{{ d.get('q', 'z') }}
        {{ obj.items()|list }}{{ obj['items'] }}{{ obj.keys()|list }}{{ obj['keys'] }}{{ d['keys']()|list }}
        {{ d.zz.yy }}
        {{ undefinedname.x }}
        {{ undefinedname ~ 'a' }}{{ undefinedname == undefinedname2 }}{{ undefinedname|length }}{{ undefinedname is defined }}{{ undefinedname is string }}{{ undefinedname is iterable }}{{ undefinedname is sequence }}{{ undefinedname is mapping }}
        {% for i in undefinedname %}x{% else %}none{% endfor %}{{ undefinedname|list }}{{ undefinedname|join(',') }}{{ undefinedname|default('dd') }}{{ undefinedname|first is defined }}
        {{ none }}{{ true }}{{ false }}{{ None }}{{ True }}
        {{ none|default('a') }}|{{ none|default('a', true) }}|{{ ''|d('b', boolean=true) }}|{{ 0|default(5) }}
        {{ x.y }}|{{ x['y'] }}|{{ x[0] }}
        {{ n.y }}|{{ n[0] }}
        {{ [1,2,3]|sum }}{{ p|sum(attribute='v') }}{{ p|map(attribute='name')|join('-') }}{{ l|sort|join }}{{ l|sort(reverse=true)|first }}{{ l|max }}{{ l|min }}
        {{ ['b','A','c']|sort|join }}{{ ['b','A','c']|sort(case_sensitive=true)|join }}{{ ['b','a','B','A']|unique|join }}{{ p|sort(attribute='name', reverse=true)|map(attribute='v')|list }}
        {{ {'b':1,'A':2}|dictsort }}{{ {'b':1,'A':2}|dictsort(by='value') }}{{ {'b':1,'A':2}|dictsort(true) }}{{ d|items|list }}
        {{ 'a,b,,c'.split(',') }}{{ ' a  b '.split() }}{{ 'a b c'.split(' ', 1) }}{{ 'a b c'.rsplit(' ', 1) }}{{ 'a\nb\r\nc\n'.splitlines() }}{{ 'abc'.partition('b') }}{{ 'abcb'.rpartition('b') }}{{ ''.split() }}{{ ''.split(',') }}
        {{ 'xxaxx'.strip('x') }}{{ ' a '.strip() }}|{{ ' a '.lstrip() }}|{{ ' a '.rstrip() }}|{{ 'a\n\n'.rstrip('\n') }}|
        {{ 'hello world'.title() }}{{ "it's"|title }}{{ 'hELLO'.capitalize() }}{{ 'hello wORLD'|title }}{{ "they're bill's"|title }}{{ "they're".title() }}{{ 'aB'.swapcase() }}
        {{ 'abc'.startswith('a') }}{{ 'abc'.startswith(('x', 'ab')) }}{{ 'abc'.endswith('c') }}{{ 'abc'.startswith('b', 1) }}{{ 'abc'.find('z') }}{{ 'abcabc'.rfind('b') }}{{ 'abcabc'.count('b') }}{{ 'aXbX'.replace('X', '') }}{{ 'aXbX'.replace('X', '-', 1) }}{{ 'ab'.replace('', '-') }}
        {{ 'ß'.upper() }}{{ 'ΣΑΣ'.lower() }}{{ 'ﬁ'.upper() }}{{ 'ß'.title() }}{{ 'ß'|capitalize }}{{ 'éa'|title }}
        {{ '42'|int }}{{ '4.7'|int }}{{ 'x'|int }}{{ 'x'|int(3) }}{{ 3.9|int }}{{ '0x1F'|int(0, 16) }}{{ '1e3'|int }}{{ true|int }}{{ none|int }}{{ '3.5'|float }}{{ 'q'|float }}{{ ' 12 '|int }}{{ '1_000'|int }}
        {{ 2.5|round }}{{ 3.5|round }}{{ 42.55|round(1) }}{{ 42.55|round(1, 'floor') }}{{ 42.1|round(0, 'ceil') }}{{ 7|round }}{{ 2.675|round(2) }}{{ 0.5|round }}{{ 1234|round(-2) }}
        {{ 'a b'|replace(' ', '_') }}{{ 123|replace(1, 9) }}{{ 'aaa'|replace('a', 'b', 2) }}
        {{ 'x'|center(5) }}|{{ 'x'.center(4, '*') }}|{{ 'abc'.center(6, '-') }}|{{ 'x'.ljust(3) }}|{{ '7'.zfill(3) }}|{{ '-7'.zfill(4) }}|
        {{ 'a\nb\n\nc'|indent }}|{{ 'a\nb'|indent(2, true) }}|{{ 'a\n\nb'|indent(2, blank=true) }}|{{ 'a\nb\n'|indent('> ') }}|
        {{ d|tojson }}{{ [1, 'é', none, true, 1.5, {'a': []}]|tojson }}{{ "q\"\\\n\u0001<>&'/"|tojson }}{{ d|tojson(indent=2) }}{{ [[], {}]|tojson(indent=4) }}{{ {'b':1,'a':2}|tojson(sort_keys=true) }}{{ d|tojson(separators=(',', ':')) }}{{ 'é'|tojson(ensure_ascii=true) }}{{ {1: 2, none: 3, true: 4}|tojson }}
        {{ undefinedname|tojson }}
        {{ 1e400|tojson }}
        {{ [1,2]|first }}{{ []|first is defined }}{{ 'abc'|first }}{{ 'abc'|last }}{{ d|first }}{{ [1,2]|last }}
        {{ l|map('string') is sequence }}{{ l|map('string') is iterable }}{{ (l|map('string'))[0] is defined }}{{ d.items() is sequence }}{{ d.items()|length }}
        {% set g = l|map('string') %}{{ g|list }}{{ g|list }}
        {{ l|select('odd')|list }}{{ l|reject('odd')|list }}{{ [0, 1, '', 'a', none]|select|list }}{{ p|selectattr('v', 'gt', 1)|map(attribute='name')|list }}{{ p|rejectattr('name', 'in', ['A'])|list }}{{ p|selectattr('zz', 'undefined')|list|length }}{{ p|selectattr('zz')|list }}
        {{ l is sequence }}{{ s is sequence }}{{ d is sequence }}{{ d is mapping }}{{ s is iterable }}{{ n is iterable }}{{ n is number }}{{ true is number }}{{ true is integer }}{{ n is integer }}{{ f is float }}{{ none is none }}{{ s is string }}{{ true is boolean }}{{ 1 is true }}{{ true is true }}
        {{ 4 is even }}{{ 4 is odd }}{{ 9 is divisibleby 3 }}{{ 9 is divisibleby(2) }}{{ 'a' is lower }}{{ 'A' is upper }}{{ 1 is in [1] }}{{ 1 is not in [1] }}{{ 'a' is eq 'a' }}{{ 1 is lessthan 2 }}{{ 'upper' is filter }}{{ 'odd' is test }}{{ 1 is sameas 1 }}{{ none is sameas none }}{{ 3 is gt(2) }}
        {{ 'a' is string and 1 is number }}{{ not 1 is number }}{{ 1 is not number }}
        {{ 'a' is string is none }}
        {{ range(100001) }}
        {{ dict(a=1, b=2) }}{{ dict({'a': 1}, b=3) }}{{ dict([('q', 1)]) }}
        {% set j = joiner('; ') %}{% for i in l %}{{ j() }}{{ i }}{% endfor %}
        {% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.next() }}
        {% for i in l %}{{ loop.cycle('a', 'b') }}{% endfor %}{% for i in [1,1,2] %}{{ loop.changed(i) }}{% endfor %}
        {{ '%s is %d and %.2f %5s|%-5s|%05d %x %%' % ('a', 3, 1.005, 'r', 'l', 42, 255) }}{{ '%s' % 'x' }}{{ "%s-%s"|format(1, 2) }}{{ '%(a)s' % d }}{{ '%r' % 'x' }}
        {{ 'a' * 3 }}{{ 3 * 'ab' }}{{ [1] * 2 }}{{ [1] + [2] }}{{ (1,) + (2,) }}
        {{ true + 1 }}{{ true ~ 1 }}{{ -true }}{{ +1.5 }}{{ - 3 }}{{ 5 - -3 }}{{ 1-1 }}
        {{ 'hello world foo'|wordcount }}{{ '<a href="x">&\'</a>'|e }}{{ 'abc'|reverse }}{{ l|reverse|list }}{{ 'x'|safe }}{{ [1,2,3,4,5]|batch(2)|list }}{{ [1,2,3]|batch(2, 'x')|list }}
        {{ 'a'|upper|lower|upper }}{{ ('a' + 'b')|upper }}{{ 'a' + 'b'|upper }}{{ 'a' ~ 1 + 2 ~ 'b' }}{{ 2 + 3 ~ 4 }}
        {{ l.index(1) }}{{ l.count(1) }}{{ (1, 2).count(1) }}
        {{ s.zzz is defined }}{{ s.__class__ is defined }}{{ l.__len__ is defined }}
        {{ strftime_now is defined }}
        } %}{{ x }}
        {{ [1, 2, ] }}{{ {'a': 1, } }}{{ range(1, 3, )|list }}
        {{ (1) }}{{ ((1, 2)) }}{{ ('a') ~ ('b') }}
        {{ 1, 2 }}
        {{ l[::0] }}
        {{ namespace(a=1) is mapping }}{{ namespace(a=1).a }}
        {% set true = 1 %}
        {{ s.upper(1) }}
        {{ '' is string }}{{ ''|length }}{{ []|length }}{{ {}|length }}{{ ''|trim }}|
        {{ '\u3000a\u00a0'|trim }}|{{ '\x1ca\x1f'.strip() }}|{{ 'a\u200b'|trim|length }}
        {{ ['\x7f', '\u00ad', '\u2028', '\U000e0001', 'é', '\u00a0'] }}
        {{ 'a'.isdigit() }}{{ '12'.isdigit() }}{{ 'ab'.isalpha() }}{{ 'a1'.isalnum() }}{{ ' '.isspace() }}{{ 'ab'.islower() }}{{ 'AB'.isupper() }}{{ '1'.islower() }}{{ ''.isalpha() }}
        {{ "a" if x is none else "b" }}{{ x is not none }}
        {{ l|length > 2 }}{{ l|length - 1 }}{{ (l|length - 1) == 2 }}{{ l | length != 0 }}
        {{ 10 ** 20 }}{{ 2 ** 64 - 1 }}{{ 99999999999999999999 + 1 }}{{ -5 // 3 }}{{ 10 ** 20 // 7 }}
        {{ 1_000 }}{{ 1.5_5 }}{{ 1e3 }}{{ 1E+3 }}{{ 1.e3 }}
        {{ 01 }}
        {{ 'a' 'b' | upper }}{{ -1 | abs }}{{ not 0 | default(1) }}
        {{ d.items()|map('first')|list }}{{ d.items()|list|first }}{{ d.items()|selectattr(0, 'eq', 'a')|list }}
        {{ [[1,2],[3]]|map('length')|list }}{{ ['a','b']|map('upper')|join(',') }}{{ [1,none,2]|select('none')|list }}{{ ['a b','c']|map('replace',' ','_')|list }}
        {{ (n, s) }}{{ {'a': (1, 2)} }}{{ {1: 'a', 1.0: 'b', true: 'c'} }}
        {{ -0.0 }}{{ 0.0 == -0.0 }}{{ 1e308 * 10 }}{{ (1e308 * 10) - (1e308 * 10) }}
        {{ [1, [2, [3]]]|string }}{{ 5|string + 'x' }}{{ none|string }}{{ true|lower }}{{ 1.0|string }}
        {{{'a': 1}}}
        {{{'a':{'b':1}}.a}}
        """;

    private static readonly (string Template, bool NodeAgrees)[] s_lines =
    [
        ("  {% if true %}", true),
        ("  x", true),
        ("  {% endif %}", true),
        ("  {%+ if true %}", true),
        (" 'a': 1,", true),
        (" 'b': [1,", true),
        ("  2],", true),
        ("  {% if true %}\n  x\n  {% endif %}\ny", true),
        ("  {%+ if true %}\nx{% endif +%}\ny", false),
        ("a\n  {# c #}\nb\n", true),
        ("{% if true %}\n\nx\n{% endif %}\n\n", true),
        ("x\n  {{ n }}\n  y\n\n", true),
        ("{%- set a = 1 -%}\n  \n b", true),
        ("a\r\nb\rc\n", false),
        ("a\n\n{%- if true %} b{% endif -%}\n\n c", true),
        ("  {% if true %}a{% endif %}  {% if true %}b{% endif %}\n  {% if true %}c{% endif %}", true),
        ("\t {%- if true %}a{% endif %}", true),
        ("{% for i in l %}\n  {{ i }}\n{% endfor %}\nend", true),
        ("{% raw %}\n  {% x %}\n  {% endraw %}\nq", false),
        ("   {% raw %}a{% endraw %}", false),
        ("a {%+ raw %}b{% endraw +%}\nc", false),
        ("{#- a -#}\n\n b", true),
        ("{% if true -%}\n   a\n   {%- endif %}", true),
        ("{% set x = 'a\nb' %}{{ x }}", true),
        ("{{ 'a\r\nb'|length }}", false),
        ("\n{{ n }}\n", true),
        ("{% macro m(x) -%}\n  {{ x }}\n{%- endmacro %}\n{{ m(1) }}\n{{- m(2) -}}\n", true),
        ("{% if n %}{#\n#}x{% endif %}", true),
        ("{{ n -}}\n{{- n }}", true),
    ];

    /// <summary>Every template, and whether @huggingface/jinja treats it as Jinja2 does.</summary>
    internal static IEnumerable<TemplateCase> All =>
        Lines(Everywhere, nodeAgrees: true).Concat(Lines(OnlyInPython, nodeAgrees: false))
            .Concat(s_lines.Select(pair => new TemplateCase(pair.Template, pair.Template, Variables, NodeAgrees: pair.NodeAgrees)));

    private static IEnumerable<TemplateCase> Lines(string templates, bool nodeAgrees) =>
        templates.Split('\n').Select(template => new TemplateCase(template, template, Variables, NodeAgrees: nodeAgrees));
}
