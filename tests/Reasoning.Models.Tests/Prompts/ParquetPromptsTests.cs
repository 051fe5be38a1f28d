using Parquet;
using Reasoning.Models.Prompts;
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
        ChatRow[] chats =
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
        Refuses("column 'id' must hold texts or numbers", ("prompt", s_two), ("id", (ChatRow[])[new(), new()]));
        Refuses("column 'ground_truth' must hold texts or numbers", ("prompt", s_two), ("reward_model.ground_truth", (bool?[])[true, false]));
        Refuses("row 2: 'prompt' is empty", ("prompt", (string?[])["a", null]));
        Refuses("row 2: 'question' is empty", ("question", (string?[])["a", "\n"]));
        Refuses("row 2: id 'x' occurs already in row 1 with another prompt", ("prompt", s_two), ("id", repeated));
        Refuses("row 2: id 'x' occurs already in row 1 with another answer", ("prompt", repeated), ("answer", s_two), ("id", repeated));
        Refuses("row 2: id '1' occurs already in row 1", ("prompt", s_two), ("id", (string?[])["1", null]));
        Refuses("row 1: 'id' is empty", ("prompt", s_two), ("id", (string?[])["", "b"]));
        Refuses("row 1: 'prompt' is a chat without a user message", ("prompt", (ChatRow?[])[null, new(("user", "a"))]));
        Refuses("row 2: 'prompt' is a chat without a user message", ("prompt", (ChatRow?[])[new(("user", "a")), new()]));
        Refuses("row 2: 'prompt': message 2 has no 'content'", ("prompt", (ChatRow?[])[new(("user", "a")), new(("system", "b"), ("user", null))]));
        Refuses("row 1: 'prompt': message 1 has no 'role'", ("prompt", (ChatRow?[])[new((null, "a")), new()]));
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
        byte[] file = Write(1000, ("prompt", Enumerable.Repeat(new string('a', 1 << 17), 1000).ToArray()));
        Assert.InRange(file.Length, 0, 10_000_000);
        Assert.Contains(": the prompts up to here are more than 64 times as long as the file", UserError.Message(() => Read(file)));
    }

    [Fact]
    public void Damaged_files_only_give_user_errors()
    {
        int count = SlowFactAttribute.IsAsked ? 100_000 : 2000;
        output.WriteLine($"{count} variants; REASONING_SLOW=1 tries 100000");
        ChatRow?[] chats = [.. Enumerable.Range(0, 12).Select(i => new ChatRow(("system", "think"), ("user", $"question {i}")))];
        string[] answers = [.. Enumerable.Range(0, 12).Select(i => $"{i}")];
        byte[] valid = Write(8, ("prompt", chats), ("reward_model.ground_truth", answers), ("id", answers));
        Mutations.AssertOnlyUserErrors(valid, count, 6, bytes => Read(bytes));
    }

    [Theory]
    [InlineData(CompressionMethod.None)]
    [InlineData(CompressionMethod.Snappy)]
    [InlineData(CompressionMethod.Gzip)]
    [InlineData(CompressionMethod.Brotli)]
    [InlineData(CompressionMethod.Lz4Raw)]
    [InlineData(CompressionMethod.Zstd)]
    public void Every_compression_is_read_and_its_damage_only_gives_user_errors(CompressionMethod compression)
    {
        int[] rows = [.. Enumerable.Range(0, 60)];
        byte[] valid = Write(
            compression, 40, ("prompt", rows.Select(i => $"How many are {i} and {i * i % 97}?").ToArray()),
            ("answer", rows.Select(i => (long?)i * i).ToArray()), ("id", rows.Select(i => (double?)i / 4).ToArray()));
        Assert.Equal(
            rows.Select(i => new Prompt(FormattableString.Invariant($"{i / 4.0}"), $"How many are {i} and {i * i % 97}?", $"{i * i}")),
            Read(valid).Prompts);
        Mutations.AssertOnlyUserErrors(valid, SlowFactAttribute.IsAsked ? 20_000 : 300, 7, bytes => Read(bytes));
    }

    // The first page of a file begins at byte 4: 15 type 15 unpacked bytes 15 packed bytes 2C (15 values 15 encoding ...), numbers doubled.
    [Theory]
    [InlineData(14, "06", "a page in encoding RLE is not read")] // writes over references
    [InlineData(14, "08", "a page in encoding BIT_PACKED is not read")]
    [InlineData(9, "01", "a page of -1 bytes is not inside the file")] // is read for ever
    [InlineData(9, "FEFFFFFF0F", "a page of 2147483647 bytes is not inside the file")]
    [InlineData(7, "FEFFFFFF0F", "a page of 2147483647 bytes, unpacked, is too large for a file of ")] // is allocated
    [InlineData(7, "01", "a page of -1 bytes, unpacked, is too large for a file of ")]
    [InlineData(12, "06", "a page counts 3 values where at most 2 can be")]
    [InlineData(12, "01", "a page counts -1 values where at most 2 can be")]
    [InlineData(5, "02", "a page of type INDEX_PAGE is not read, or lacks its header")]
    [InlineData(5, "04", "a page of type DICTIONARY_PAGE is not read, or lacks its header")]
    [InlineData(5, "06", "a page of type DATA_PAGE_V2 is not read, or lacks its header")]
    public void A_page_header_is_not_believed(int at, string value, string expected)
    {
        byte[] file = Write(CompressionMethod.None, 5, ("prompt", s_two));
        Assert.Equal("150015", Convert.ToHexString(file, 4, 3));
        Assert.Equal("2C15041500", Convert.ToHexString(file, 10, 5));
        byte[] patched = [.. file[..at], .. Convert.FromHexString(value), .. file[(at + 1)..]];
        Assert.StartsWith($"p.parquet: cannot be read as Parquet: column 'prompt': {expected}", UserError.Message(() => Read(patched)));
    }

    [Fact]
    public void A_number_that_the_end_cuts_off_is_not_waited_for()
    {
        const string Cut = "a length or a number in it leads past its end";
        byte[] file = Write(CompressionMethod.None, 5, ("prompt", s_two));
        int levels = file.AsSpan().IndexOf((byte[])[2, 0, 0, 0, 4, 1]);
        file[levels + 4] = 2; // one level where there are two, so the next page is looked for where none is
        Assert.Equal($"p.parquet: cannot be read as Parquet: column 'prompt': {Cut}", UserError.Message(() => Read(file)));
        file[^9] = 0x15; // in place of the zero that ends the footer
        Assert.Equal($"p.parquet: cannot be read as Parquet: {Cut}", UserError.Message(() => Read(file)));
    }

    // Snappy and Zstandard say the length once more in the packed bytes, and are unpacked to that.
    [Theory]
    [InlineData(CompressionMethod.Snappy, 0, 1, "FEFFFFFF07")]
    [InlineData(CompressionMethod.Zstd, 4, 2, "A0FEFFFF7F")]
    public void Packed_bytes_may_not_promise_much_either(CompressionMethod compression, int at, int length, string value)
    {
        byte[] file = Write(compression, 5, ("prompt", s_two)), promise = Convert.FromHexString(value);
        int packed = Footer(file) - (file[9] / 2); // the page ends where the footer begins
        file[9] += (byte)(2 * (promise.Length - length));
        byte[] patched = [.. file[..(packed + at)], .. promise, .. file[(packed + at + length)..]];
        Assert.StartsWith(
            "p.parquet: cannot be read as Parquet: column 'prompt': a page of 2147483646 bytes, unpacked, is too large for a file of ",
            UserError.Message(() => Read(patched)));
    }

    [Fact]
    public void Lists_in_pages_of_version_2_are_refused_in_words()
    {
        byte[] file = Write(CompressionMethod.None, 5, ("prompt", (ChatRow[])[new(("user", "a")), new(("user", "b"))]));
        // The roles are read first and come last: a header of that version beside the one that is there, which stays as field 5.
        int page = file.AsSpan(0, Footer(file)).LastIndexOf((byte[])[0x15, 0, 0x15]);
        Assert.Equal(0x2C, file[page + 6]);
        byte[] second =
        [
            .. file[..(page + 1)], 6, .. file[(page + 2)..(page + 6)], .. Convert.FromHexString("5C150415001504150015001500000C0A"),
            .. file[(page + 7)..],
        ];
        Assert.Equal(
            "p.parquet: cannot be read as Parquet: column 'prompt/list/element/role': "
                + "lists in pages of version 2 are not read, only in version 1",
            UserError.Message(() => Read(second)));
    }

    [Theory]
    [InlineData(4096, "p.parquet: needs a column ")]
    [InlineData(5000, "p.parquet: cannot be read as Parquet: its schema has 5000 parts; at most 4096 are read")]
    public void Columns_in_columns_do_not_end_the_stack(int depth, string expected)
    {
        byte[] layer = Convert.FromHexString("480173150200"); // named s, one column in it
        byte[] footer =
        [
            0x15, 2, 0x19, 0xFC, (byte)(depth | 0x80), (byte)(depth >> 7),
            .. Enumerable.Repeat(layer, depth - 1).SelectMany(bytes => bytes),
            .. Convert.FromHexString("1502380173001600190C00"), // a column of numbers; no rows, no row groups
        ];
        byte[] file = [.. "PAR1"u8, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8];
        Assert.StartsWith(expected, UserError.Message(() => Read(file)));
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

    // Where the footer begins: its length and "PAR1" come after it.
    private static int Footer(byte[] file) => file.Length - 8 - BitConverter.ToInt32(file, file.Length - 8);

    private static PromptList Read(int groupRows, params (string Name, Array Values)[] columns) => Read(Write(groupRows, columns));

    private static PromptList Read(byte[] file) => ParquetPrompts.Read(new MemoryStream(file), "p.parquet");
}
