using Parquet;
using Parquet.Schema;

namespace Reasoning.Models.Prompts;

/// <summary>Reads prompts from a Parquet file, row group by row group, and only the columns it needs.</summary>
internal sealed class ParquetPrompts
{
    private const long MinTextBudget = 64L << 20;
    private const int TextPerByte = 64;

    private readonly PromptList _list;
    private readonly Field _prompt;
    private readonly DataField? _answer;
    private readonly DataField? _id;
    private readonly ParquetPages _pages;
    private long _row;
    private long _textLeft;

    private ParquetPrompts(ParquetSchema schema, string file, ParquetPages pages)
    {
        _list = new PromptList(file, "row");
        _pages = pages;
        _textLeft = Math.Max(MinTextBudget, TextPerByte * pages.Input.Length);
        _prompt = PromptReader.TextFields.Select(name => Top(schema.Fields, name)).OfType<Field>().FirstOrDefault()
            ?? throw new UserErrorException($"{file}: needs a column 'prompt', 'problem' or 'question', found only "
                + UserErrorException.OneLine(string.Join(", ", schema.Fields.Select(field => field.Name).Take(8))));
        if (Messages(_prompt) is null && !IsScalar(_prompt))
            throw new UserErrorException($"{file}: column '{_prompt.Name}' must hold texts or lists of messages with role and content");
        _answer = Scalar(schema.Fields, "answer", file) ?? GroundTruth(schema, file);
        _id = Scalar(schema.Fields, "id", file);
    }

    /// <summary>Whether a file is to be read as Parquet: by its name, or by its first bytes.</summary>
    public static bool IsParquet(FileStream file)
    {
        if (file.Name.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)) return true;
        Span<byte> head = stackalloc byte[4];
        int count = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return head[..count].SequenceEqual("PAR1"u8);
    }

    /// <summary>
    /// Reads what <paramref name="file"/> names in messages; on a thread of its own. In a damaged file Parquet.Net may run into a null
    /// reference, which reaches .NET as a signal, handled on a stack of 12 KB. On a thread that has once multiplied bfloat16 in AMX
    /// registers Linux puts those too, 8 KB, on that stack: it overflows, and the process ends instead of throwing. A new thread has not.
    /// </summary>
    /// <exception cref="UserErrorException">Whatever else there is than a set of prompts.</exception>
    public static PromptList Read(Stream stream, string file)
    {
        try
        {
            return Task.Factory.StartNew(() => ReadAsync(stream, file), default, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .Unwrap().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not UserErrorException)
        {
            throw new UserErrorException($"{file}: cannot be read as Parquet: {UserErrorException.OneLine(e.Message)}", e);
        }
    }

    private static async Task<PromptList> ReadAsync(Stream stream, string file)
    {
        var pages = new ParquetPages(stream);
        await using ParquetReader reader = await ParquetReader.CreateAsync(pages.Input).ConfigureAwait(false);
        var prompts = new ParquetPrompts(reader.Schema, file, pages);
        for (int i = 0; i < reader.RowGroupCount; i++)
        {
            using ParquetRowGroupReader group = reader.OpenRowGroupReader(i);
            prompts.Read(group);
        }

        return prompts._list;
    }

    private void Read(ParquetRowGroupReader group)
    {
        string?[]? answers = _answer is null ? null : ParquetColumn.Read(group, _answer, _pages).Texts;
        string?[]? ids = _id is null ? null : ParquetColumn.Read(group, _id, _pages).Texts;
        IEnumerable<string?> texts = Messages(_prompt) is var (role, content)
            ? Chats(group, (ListField)_prompt, role, content)
            : ParquetColumn.Read(group, (DataField)_prompt, _pages).Texts;
        int i = 0;
        foreach (string? text in texts)
        {
            if (i == group.RowCount) throw new ParquetException($"'{_prompt.Name}' has more rows than its row group, {group.RowCount}");
            _row++;
            if (string.IsNullOrWhiteSpace(text)) throw _list.Error(_row, $"'{_prompt.Name}' is empty");
            _textLeft -= text.Length;
            if (_textLeft < 0) throw _list.Error(_row, $"the prompts up to here are more than {TextPerByte} times as long as the file");
            _list.Add(ids?[i], text, answers?[i], _row);
            i++;
        }

        if (i < group.RowCount) throw new ParquetException($"'{_prompt.Name}' has {i} of the {group.RowCount} rows of its row group");
    }

    // Roles and contents are two columns with the same lists around them: a place in one is a place in the other.
    private IEnumerable<string?> Chats(ParquetRowGroupReader group, ListField list, DataField role, DataField content)
    {
        ParquetColumn roles = ParquetColumn.Read(group, role, _pages), contents = ParquetColumn.Read(group, content, _pages);
        if (!roles.Repetition.AsSpan().SequenceEqual(contents.Repetition))
            throw new ParquetException($"'{list.Name}': roles and contents are not equally many");
        var messages = new List<(string, string)>();
        int places = roles.Repetition.Length;
        if (places > 0 && roles.Repetition[0] != 0) throw new ParquetException($"'{list.Name}': the first place does not begin a row");
        for (int i = 0; i < places; i++)
        {
            if (roles.Repetition[i] == 0) messages.Clear();
            if (roles.Definition[i] >= list.MaxDefinitionLevel)
                messages.Add((Part(roles, i, "role"), Part(contents, i, "content")));
            if (i + 1 == places || roles.Repetition[i + 1] == 0) yield return _list.LastUserMessage(messages, list.Name, _row + 1);
        }

        string Part(ParquetColumn column, int place, string name) => column.Texts[place]
            ?? throw _list.Error(_row + 1, $"'{list.Name}': message {messages.Count + 1} has no '{name}'");
    }

    // A list of structures that have role and content, as chats are written.
    private static (DataField Role, DataField Content)? Messages(Field field)
    {
        if (field is not ListField { Item: StructField message, MaxRepetitionLevel: 1 }) return null;
        return Part("role") is { } role && Part("content") is { } content ? (role, content) : null;

        DataField? Part(string name) => Top(message.Fields, name) is DataField part
            && part.ClrType == typeof(ReadOnlyMemory<char>) && part.MaxRepetitionLevel == 1 ? part : null;
    }

    private static bool IsScalar(Field field) => field is DataField { MaxRepetitionLevel: 0 } column && ParquetColumn.IsReadable(column);

    private static Field? Top(IReadOnlyList<Field> fields, string name) => fields.FirstOrDefault(field => field.Name == name);

    private static DataField? Scalar(IReadOnlyList<Field> fields, string name, string file) => Top(fields, name) switch
    {
        null => null,
        DataField column when IsScalar(column) => column,
        Field other => throw new UserErrorException($"{file}: column '{other.Name}' must hold texts or numbers"),
    };

    private static DataField? GroundTruth(ParquetSchema schema, string file) =>
        Top(schema.Fields, "reward_model") is StructField reward ? Scalar(reward.Fields, "ground_truth", file) : null;
}
