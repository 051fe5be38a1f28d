using static Reasoning.Models.Tests.Formats.ParquetFiles;

namespace Reasoning.Models.Tests.Formats;

public sealed class ParquetPromptsTests(ITestOutputHelper output)
{
    private static readonly string?[] s_two = ["1+1?", "2+2?"];

    [Fact]
    public void Texts_and_numbers_are_read_across_row_groups()
    {
        PromptList list = Read(
            2, ("problem", (string[])["a", "b", "c"]), ("answer", (long?[])[4, null, -7]), ("id", (int?[])[10, 11, null]),
            ("other", (bool?[])[true, null, false]));
        Assert.Equal([new Prompt("10", "a", "4"), new Prompt("11", "b"), new Prompt("2", "c", "-7")], list.Prompts);
        Assert.Empty(list.Notices);
        list = Read(5, ("question", s_two), ("answer", (double?[])[0.5, 1e300]));
        Assert.Equal([new Prompt("0", "1+1?", "0.5"), new Prompt("1", "2+2?", "1E+300")], list.Prompts);
        list = Read(5, ("question", (string?[])["not this", "nor this"]), ("prompt", s_two), ("answer", (string?[])[" ", "x"]));
        Assert.Equal([new Prompt("0", "1+1?"), new Prompt("1", "2+2?", "x")], list.Prompts);
    }

    [Fact]
    public void Chats_and_nested_answers_are_read_as_verl_writes_them()
    {
        Chat[] chats =
        [
            new(("system", "think"), ("user", "1+1?")),
            new(("user", "first"), ("assistant", "yes"), ("user", "2+2?"), ("assistant", "4")),
            new(("user", "why?")),
        ];
        PromptList list = Read(2, ("prompt", chats), ("reward_model.ground_truth", (string?[])["2", "4", null]));
        Assert.Equal([new Prompt("0", "1+1?", "2"), new Prompt("1", "2+2?", "4"), new Prompt("2", "why?")], list.Prompts);
        Assert.Equal(
            "p.parquet: 3 rows with a chat, of which the last user message is the prompt; 1 system message and 3 other messages left out",
            Assert.Single(list.Notices));
    }

    [Fact]
    public void Repeats_are_read_once_and_said()
    {
        PromptList list = Read(
            2, ("prompt", (string[])["a", "b", "a", "b"]), ("id", (string[])["0", "1", "0", "1"]), ("answer", (string[])["5", "6", "5", "6"]));
        Assert.Equal([new Prompt("0", "a", "5"), new Prompt("1", "b", "6")], list.Prompts);
        Assert.Equal(
            "p.parquet: 2 rows of 4 repeat an earlier one (same id, prompt and answer) and are read once: 2 prompts",
            Assert.Single(list.Notices));
    }

    [Fact]
    public void Errors_name_file_row_and_column()
    {
        string[] repeated = ["x", "x"];
        Refuses("needs a column 'prompt', 'problem' or 'question', found only text, id", ("text", s_two), ("id", repeated));
        Refuses("column 'prompt' must hold texts or lists of messages", ("prompt", (bool?[])[true, false]));
        Refuses("column 'answer' must hold texts or numbers", ("prompt", s_two), ("answer", (bool?[])[true, false]));
        Refuses("column 'id' must hold texts or numbers", ("prompt", s_two), ("id", (Chat[])[new(), new()]));
        Refuses("column 'ground_truth' must hold texts or numbers", ("prompt", s_two), ("reward_model.ground_truth", (bool?[])[true, false]));
        Refuses("row 2: 'prompt' is empty", ("prompt", (string?[])["a", null]));
        Refuses("row 2: 'question' is empty", ("question", (string?[])["a", "\n"]));
        Refuses("row 2: id 'x' occurs already in row 1 with another prompt", ("prompt", s_two), ("id", repeated));
        Refuses("row 2: id 'x' occurs already in row 1 with another answer", ("prompt", repeated), ("answer", s_two), ("id", repeated));
        Refuses("row 2: id '1' occurs already in row 1", ("prompt", s_two), ("id", (string?[])["1", null]));
        Refuses("row 1: 'id' is empty", ("prompt", s_two), ("id", (string?[])["", "b"]));
        Refuses("row 1: 'prompt' is a chat without a user message", ("prompt", (Chat?[])[null, new(("user", "a"))]));
        Refuses("row 2: 'prompt' is a chat without a user message", ("prompt", (Chat?[])[new(("user", "a")), new()]));
        Refuses("row 2: 'prompt': message 2 has no 'content'", ("prompt", (Chat?[])[new(("user", "a")), new(("system", "b"), ("user", null))]));
        Refuses("row 1: 'prompt': message 1 has no 'role'", ("prompt", (Chat?[])[new((null, "a")), new()]));
    }

    [Fact]
    public void A_file_without_rows_is_no_set_of_prompts()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("p.bin", Write(5, ("prompt", Array.Empty<string>())));
        Assert.Equal($"{file}: no prompts in it", UserError.Message(() => PromptSet.Load(file)));
    }

    [Fact]
    public void A_small_file_may_not_promise_many_rows()
    {
        byte[] file = Write(2_000_000, ("prompt", Enumerable.Repeat("a", 2_000_000).ToArray()));
        Assert.InRange(file.Length, 0, 1000);
        Assert.Contains("has 2000000 values in a file of", UserError.Message(() => Read(file)));
    }

    [Fact]
    public void A_small_file_may_not_promise_much_text()
    {
        byte[] file = Write(1000, ("prompt", Enumerable.Repeat(new string('a', 1 << 20), 1000).ToArray()));
        Assert.InRange(file.Length, 0, 10_000_000);
        Assert.Contains(": the prompts up to here are more than 64 times as long as the file", UserError.Message(() => Read(file)));
    }

    [Fact]
    public void Damaged_files_only_give_user_errors()
    {
        int count = SlowFactAttribute.IsAsked ? 100_000 : 2000;
        output.WriteLine($"{count} variants; REASONING_SLOW=1 tries 100000");
        Chat?[] chats = [.. Enumerable.Range(0, 12).Select(i => new Chat(("system", "think"), ("user", $"question {i}")))];
        string[] answers = [.. Enumerable.Range(0, 12).Select(i => $"{i}")];
        byte[] valid = Write(8, ("prompt", chats), ("reward_model.ground_truth", answers), ("id", answers));
        Mutations.AssertOnlyUserErrors(valid, count, 6, bytes => Read(bytes));
    }

    [Fact]
    public void The_shared_problems_are_thirty_and_equal_their_JSON()
    {
        string file = SharedFolder.Require("data/aime24-x16.parquet"), json = SharedFolder.Require("data/aime24.json");
        PromptSet set = PromptSet.Load(file);
        IEnumerable<Prompt> expected = PromptSet.Load(json).Prompts;
        Assert.Equal(expected.Select(prompt => (prompt.Text, prompt.Answer)), set.Prompts.Select(prompt => (prompt.Text, prompt.Answer)));
        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"{i}"), set.Prompts.Select(prompt => prompt.Id));
        Assert.Equal(
            [
                $"{file}: 450 rows of 480 repeat an earlier one (same id, prompt and answer) and are read once: 30 prompts",
                $"{file}: 480 rows with a chat, of which the last user message is the prompt; 480 system messages left out",
            ],
            set.Notices);
    }

    private static void Refuses(string expected, params (string Name, Array Values)[] columns)
    {
        string message = UserError.Message(() => Read(5, columns));
        Assert.StartsWith("p.parquet: ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message);
    }

    private static PromptList Read(int groupRows, params (string Name, Array Values)[] columns) => Read(Write(groupRows, columns));

    private static PromptList Read(byte[] file) => ParquetPrompts.Read(new MemoryStream(file), "p.parquet");
}
