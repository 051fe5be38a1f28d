namespace Reasoning.Models.Tests;

/// <summary>Conversations that take chat templates through all their branches.</summary>
internal static class Conversations
{
    /// <summary>Tools in the JSON that transformers gives templates.</summary>
    internal const string Tools = """
        [{"type": "function", "function": {"name": "get_weather", "description": "Weather \u00e0 la carte, \"now\" <or> later",
          "parameters": {"type": "object", "properties": {"city": {"type": "string", "description": "A city"},
            "days": {"type": "integer", "minimum": 1, "maximum": 14}}, "required": ["city"]}}},
         {"type": "function", "function": {"name": "add", "description": "Adds", "parameters": {"type": "object", "properties": {}}}}]
        """;

    private const string Call = """[{"id": "abcDEF123", "type": "function", "function": {"name": "get_weather", "arguments": {"city": "Z\u00fcrich", "days": 3}}}]""";

    private static readonly (string Name, string Messages)[] s_common =
    [
        ("one question", """[{"role": "user", "content": "What is 2 + 2?"}]"""),
        ("system", """[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]"""),
        ("turns", """[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]"""),
        ("system and turns", """
            [{"role": "system", "content": "You add."}, {"role": "user", "content": "1 + 1"}, {"role": "assistant", "content": "2"},
             {"role": "user", "content": "2 + 2"}, {"role": "assistant", "content": "4"}]
            """),
        ("empty content", """[{"role": "system", "content": ""}, {"role": "user", "content": ""}, {"role": "assistant", "content": ""}]"""),
        ("spaces around", """[{"role": "system", "content": "  s\n"}, {"role": "user", "content": "\n  q \t"}, {"role": "assistant", "content": " a\n\n"}, {"role": "user", "content": " "}]"""),
        ("Unicode", """[{"role": "user", "content": "\u00e9\u4f60\u597d \ud83d\ude00 \u0628 \u200b{{ x }} {% y %} 'q' \"r\" \\n"}, {"role": "assistant", "content": "\ud83d\udc4d\ud83c\udffd"}, {"role": "user", "content": "\u00a0z\u00a0"}]"""),
        ("thinking", """[{"role": "user", "content": "q"}, {"role": "assistant", "content": "<think>\nso\n</think>\n\nthus"}, {"role": "user", "content": "r"}, {"role": "assistant", "content": "<think>\nand\n</think>\n\nhence"}]"""),
        ("reasoning field", """[{"role": "user", "content": "q"}, {"role": "assistant", "content": "thus", "reasoning_content": "so\n"}, {"role": "user", "content": "r"}, {"role": "assistant", "content": "hence", "reasoning_content": "\nand"}]"""),
        ("only the assistant", """[{"role": "assistant", "content": "first"}]"""),
        ("two questions in a row", """[{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]"""),
        ("only a system message", """[{"role": "system", "content": "s"}]"""),
        ("a tool's answer", $$"""
            [{"role": "user", "content": "Weather?"}, {"role": "assistant", "content": "", "tool_calls": {{Call}}},
             {"role": "tool", "name": "get_weather", "content": "18 \u00b0C", "tool_call_id": "abcDEF123"}, {"role": "assistant", "content": "18 degrees."},
             {"role": "user", "content": "Thanks"}]
            """),
        ("a call with words", $$"""
            [{"role": "system", "content": "Help."}, {"role": "user", "content": "Weather?"}, {"role": "assistant", "content": "Let me look.", "tool_calls": {{Call}}}]
            """),
        ("two answers", $$"""
            [{"role": "user", "content": "Both"}, {"role": "assistant", "content": "", "tool_calls": {{Call}}},
             {"role": "tool", "content": "one", "tool_call_id": "abcDEF123"}, {"role": "tool", "content": "two", "tool_call_id": "abcDEF123"}]
            """),
    ];

    // What @huggingface/jinja does otherwise than Jinja2: see docs/chat-templates.md.
    private static readonly (string Name, string Messages)[] s_pythonOnly =
    [
        ("no messages", "[]"),
        ("no content in a call", $$"""[{"role": "user", "content": "w"}, {"role": "assistant", "content": null, "tool_calls": {{Call}}}]"""),
        ("content in parts", """[{"role": "user", "content": [{"type": "text", "text": " one "}, {"type": "image"}, {"type": "text", "text": "two"}]}, {"role": "assistant", "content": [{"type": "text", "text": "three"}]}]"""),
        ("a tool's answer in parts", """[{"role": "user", "content": "w"}, {"role": "tool", "content": {"content": "x", "value": 1.5}, "tool_call_id": "abcDEF123"}]"""),
        ("a thought that does not begin", """[{"role": "user", "content": "q"}, {"role": "assistant", "content": "so</think> thus"}, {"role": "user", "content": "r"}]"""),
        ("a list as content", """[{"role": "user", "content": ["a", 1, null, true]}]"""),
    ];

    /// <summary>Whether users and assistants do not take turns in a conversation, which some templates refuse.</summary>
    internal static bool DoNotAlternate(string conversation) => conversation is "only the assistant" or "two questions in a row";

    /// <summary>Every conversation with a name, and whether @huggingface/jinja treats it as Jinja2 does.</summary>
    internal static IEnumerable<(string Name, string Messages, bool NodeAgrees)> All =>
        s_common.Select(pair => (pair.Name, pair.Messages, true)).Concat(s_pythonOnly.Select(pair => (pair.Name, pair.Messages, false)));
}
