using Reasoning.Models.Prompts;

namespace Reasoning.Models.Tests.Formats;

public sealed class PromptSetTests
{
    [Fact]
    public void A_JSON_array_is_read()
    {
        PromptSet set = Load("""
            [
              {"prompt": "1+1?", "answer": "2", "id": "a"},
              {"problem": "2+2?", "answer": 4},
              {"question": "why?", "source": "x", "id": 17}
            ]
            """);
        Assert.Equal([new Prompt("a", "1+1?", "2"), new Prompt("1", "2+2?", "4"), new Prompt("17", "why?")], set.Prompts);
    }

    [Fact]
    public void JSON_lines_are_read_with_a_byte_order_mark_carriage_returns_and_blank_lines()
    {
        PromptSet set = Load("\uFEFF\r\n{\"prompt\":\"a\\nb\"}\r\n\r\n{\"prompt\":\"c\",\"answer\":null}\r\n");
        Assert.Equal([new Prompt("0", "a\nb"), new Prompt("1", "c")], set.Prompts);
    }

    [Fact]
    public void Numbers_keep_their_spelling_and_blank_answers_are_none()
    {
        PromptSet set = Load("""[{"prompt":"a","answer":142.0},{"prompt":"b","answer":" "},{"prompt":"c","answer":1e400}]""");
        Assert.Equal(["142.0", null, "1e400"], set.Prompts.Select(prompt => prompt.Answer));
    }

    [Theory]
    [InlineData("{\"prompt\":\"a\"}\n{\"prompt\":\"\"}", ":2: 'prompt' is empty")]
    [InlineData("{\"prompt\":\"a\"}\n{\"promt\":\"b\",\"x\":1}", ":2: needs 'prompt', 'problem' or 'question', found only promt, x")]
    [InlineData("{\"prompt\":\"a\"}\n\n{\"prompt\":", ":3: malformed JSON")]
    [InlineData("{\"prompt\":\"a\"} {\"prompt\":\"b\"}", ":1: malformed JSON")]
    [InlineData("{\"prompt\":\"a\",\"id\":\"x\"}\n{\"prompt\":\"b\",\"id\":\"x\"}", ":2: id 'x' occurs already in line 1 with another prompt")]
    [InlineData("{\"prompt\":\"a\",\"id\":\"x\"}\n{\"prompt\":\"a\",\"id\":\"x\",\"answer\":1}", ":2: id 'x' occurs already in line 1 with another answer")]
    [InlineData("{\"prompt\":\"a\",\"id\":\"1\"}\n{\"prompt\":\"a\"}", ":2: id '1' occurs already in line 1")]
    [InlineData("[{\"prompt\":[]}]", ":1: 'prompt' is a chat without a user message")]
    [InlineData("[{\"prompt\":[{\"role\":\"system\",\"content\":\"x\"}]}]", ":1: 'prompt' is a chat without a user message")]
    [InlineData("[{\"prompt\":[{\"role\":\"user\",\"content\":\" \"}]}]", ":1: 'prompt' is empty")]
    [InlineData("[{\"prompt\":[7]}]", ":1: 'prompt': message 1 must be an object, found the number 7")]
    [InlineData("[{\"prompt\":[{\"role\":\"user\"}]}]", ":1: 'prompt': message 1 has no 'content'")]
    [InlineData("[{\"problem\":[{\"role\":\"user\",\"content\":[]}]}]", ":1: 'problem': message 1: 'content' must be a string, found an array")]
    [InlineData("[{\"prompt\":\"a\",\"reward_model\":{\"ground_truth\":[1]}}]", ":1: 'ground_truth' must be a string or a number, found an array")]
    [InlineData("{\"prompt\":\"a\",\"id\":\"1\"}\n{\"prompt\":\"b\"}", ":2: id '1' occurs already in line 1")]
    [InlineData("[\n {\"prompt\":\"a\"},\n {\"prompt\":7}\n]", ":3: 'prompt' must be a string or a list of messages, found the number 7")]
    [InlineData("[\n {\"prompt\":\"a\"},\n\n 12]", ":4: expected an object, found the number 12")]
    [InlineData("[\n {\"prompt\":\"a\"},\n {\"prompt\":\"b\"", ":3: malformed JSON")]
    [InlineData("[{\"prompt\":\"a\",\"answer\":[1]}]", ":1: 'answer' must be a string or a number, found an array")]
    [InlineData("[{\"prompt\":\"a\",\"prompt\":\"b\"}]", "malformed JSON")]
    [InlineData("[{\"prompt\":\"a\",\"id\":\"\"}]", ":1: 'id' is empty")]
    [InlineData("[]", "no prompts")]
    [InlineData("  \n ", "the file is empty")]
    [InlineData("\nprompt,answer\n", ":2: expected a JSON array or JSON lines, found 'p'")]
    [InlineData("{\"prompt\":\"\\ud800\"}", ":1: a \\u escape is half of a surrogate pair")]
    [InlineData("{\"prompt\":\"a\"}\n{}", ":2: needs 'prompt', 'problem' or 'question', found an empty object")]
    public void Errors_name_file_and_line(string text, string expected)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("p.json", text);
        UserErrorException error = Assert.Throws<UserErrorException>(() => PromptSet.Load(file));
        Assert.StartsWith(file, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused_with_their_line()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("p.jsonl", [.. "{\"prompt\":\"a\"}\n{\"prompt\":\""u8, 0xE9, .. "\"}\n"u8]);
        Assert.Contains(":2: not valid UTF-8", UserError.Message(() => PromptSet.Load(file)));
    }

    [Fact]
    public void Files_that_are_missing_or_no_Parquet_at_all_are_named()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in (string[])[folder.Write("p.parquet", "x"), folder.Write("q.bin", "PAR1...")])
            Assert.Contains("cannot be read as Parquet", UserError.Message(() => PromptSet.Load(file)));
        Assert.Contains("no such file", UserError.Message(() => PromptSet.Load(folder.File("gone"))));
        Assert.Contains("no such file", UserError.Message(() => PromptSet.Load(folder.File("gone.parquet"))));
    }

    [Fact]
    public void The_prompt_of_a_chat_is_its_last_user_message()
    {
        PromptSet set = Load("""
            {"prompt":[{"role":"system","content":"think"},{"role":"user","content":"1+1?"}],"answer":"2"}
            {"prompt":[{"role":"user","content":"a"},{"content":"b","role":"assistant"},{"role":"user","content":"c"}],"id":"x"}
            """);
        Assert.Equal([new Prompt("0", "1+1?", "2"), new Prompt("x", "c")], set.Prompts);
        string notice = Assert.Single(set.Notices);
        Assert.EndsWith(
            "2 lines with a chat, of which the last user message is the prompt; 1 system message and 2 other messages left out", notice);
    }

    [Fact]
    public void The_answer_may_stand_where_verl_keeps_it()
    {
        PromptSet set = Load("""
            [{"prompt":"a","reward_model":{"ground_truth":"5","style":"rule"}},{"prompt":"b","answer":6,"reward_model":{"ground_truth":"5"}},
            {"prompt":"c","answer":null,"reward_model":{"ground_truth":"5"}},{"prompt":"d","reward_model":"none"}]
            """);
        Assert.Equal(["5", "6", null, null], set.Prompts.Select(prompt => prompt.Answer));
        Assert.Empty(set.Notices);
    }

    [Fact]
    public void Rows_that_repeat_each_other_word_for_word_are_one_prompt()
    {
        PromptSet set = Load("""
            {"id":"a","prompt":"1+1?","answer":"2"}
            {"id":"b","prompt":"1+1?","answer":"2"}
            {"id":"a","prompt":"1+1?","answer":"2"}
            {"id":"a","prompt":"1+1?","answer":"2"}
            {"prompt":"1+1?","answer":"2"}
            """);
        Assert.Equal(["a", "b", "4"], set.Prompts.Select(prompt => prompt.Id));
        Assert.EndsWith(": 2 lines of 5 repeat an earlier one (same id, prompt and answer) and are read once: 3 prompts", Assert.Single(set.Notices));
    }

    [Fact]
    public void The_hash_depends_on_ids_texts_and_answers_only()
    {
        PromptSet set = Load("""[{"prompt":"ab","id":"c"}]""");
        string hash = set.Hash;
        Assert.Equal(32, hash.Length);
        Assert.Equal(hash, Load("""{"id":"c","prompt":"ab","more":"5"}""").Hash);
        Assert.NotEqual(hash, Load("""{"id":"c","prompt":"ab","answer":"5"}""").Hash);
        Assert.NotEqual(Load("""{"id":"c","prompt":"ab","answer":"6"}""").Hash, Load("""{"id":"c","prompt":"ab","answer":"5"}""").Hash);
        Assert.NotEqual(
            Load("""[{"prompt":"ab","id":"c","answer":"d"},{"prompt":"e","id":"f"}]""").Hash,
            Load("""[{"prompt":"ab","id":"c"},{"prompt":"d","id":"f","answer":"e"}]""").Hash);
        Assert.Equal(set.TextHash, Load("""{"id":"c","prompt":"ab","answer":"5"}""").TextHash);
        Assert.NotEqual(hash, Load("""[{"prompt":"a","id":"bc"}]""").Hash);
        Assert.NotEqual(hash, Load("""[{"prompt":"ab","id":"c"},{"prompt":"x"}]""").Hash);
        Assert.Equal("bd641283a54ca360a0afbb6f397a5ea9", Load("""[{"prompt":"1+1?","id":"a"}]""").TextHash);
    }

    [Fact]
    public void Written_prompts_read_back()
    {
        using var folder = new TemporaryFolder();
        Prompt[] prompts = [new("a", "line\nbreak \"quoted\" \\frac{1}{2} é 😀", "1/2"), new("b", "no answer")];
        PromptSet.Write(folder.File("p.jsonl"), prompts);
        Assert.Equal(prompts, PromptSet.Load(folder.File("p.jsonl")).Prompts);
        Assert.Equal(2, File.ReadAllLines(folder.File("p.jsonl")).Length);
    }

    [Fact]
    public void The_shared_sets_are_read()
    {
        foreach ((string name, int count) in (ReadOnlySpan<(string, int)>)[("aime24", 30), ("aime25", 30), ("amc", 83), ("math500", 500)])
        {
            PromptSet set = PromptSet.Load(SharedFolder.Require($"data/{name}.json"));
            Assert.Equal(count, set.Prompts.Count);
            Assert.All(set.Prompts, prompt => Assert.NotNull(prompt.Answer));
        }
    }

    private static PromptSet Load(string text)
    {
        using var folder = new TemporaryFolder();
        return PromptSet.Load(folder.Write("p.json", text));
    }
}
