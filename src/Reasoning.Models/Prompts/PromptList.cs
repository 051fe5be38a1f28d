using System.Globalization;
using Reasoning.Models.Files;

namespace Reasoning.Models.Prompts;

/// <summary>
/// Collects the prompts of a file. Two rows with the same id are an error, unless they are the same word for word: data sets repeat
/// their problems to draw several answers to each, and such repeats become one prompt.
/// </summary>
/// <param name="file">Names the file in messages.</param>
/// <param name="rowName">What a row is called there: line or row.</param>
internal sealed class PromptList(string file, string rowName)
{
    private readonly List<Prompt> _prompts = [];
    private readonly Dictionary<string, (int Index, long Place, bool IsGiven)> _byId = new(StringComparer.Ordinal);
    private int _rows;
    private int _chats;
    private int _systemMessages;
    private int _otherMessages;

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<Prompt> Prompts => _prompts;

    /// <summary>What a person should know about how the file was read.</summary>
    public IReadOnlyList<string> Notices
    {
        get
        {
            var notices = new List<string>();
            if (_prompts.Count < _rows)
            {
                notices.Add($"{file}: {Count(_rows - _prompts.Count, rowName)} of {_rows} repeat an earlier one "
                    + $"(same id, prompt and answer) and are read once: {Count(_prompts.Count, "prompt")}");
            }

            if (_chats > 0)
            {
                string left = (_systemMessages, _otherMessages) switch
                {
                    (0, 0) => "nothing else is in them",
                    (_, 0) => $"{Count(_systemMessages, "system message")} left out",
                    (0, _) => $"{Count(_otherMessages, "other message")} left out",
                    _ => $"{Count(_systemMessages, "system message")} and {Count(_otherMessages, "other message")} left out",
                };
                notices.Add($"{file}: {Count(_chats, rowName)} with a chat, of which the last user message is the prompt; {left}");
            }

            return notices;
        }
    }

    /// <summary>Adds a row.</summary>
    /// <param name="id">Null where the file gives none: the position in the file then, from 0.</param>
    /// <param name="text">The prompt.</param>
    /// <param name="answer">The gold answer; blank means none.</param>
    /// <param name="place">Line or row in the file, from 1.</param>
    public void Add(string? id, string text, string? answer, long place)
    {
        if (string.IsNullOrWhiteSpace(answer)) answer = null;
        bool isGiven = id is not null;
        id ??= _rows.ToString(CultureInfo.InvariantCulture);
        _rows++;
        if (id.Length == 0) throw Error(place, "'id' is empty");
        FileLimits.Check(text, $"{Where(place)}: the prompt");
        if (answer is not null) FileLimits.Check(answer, $"{Where(place)}: the answer");
        if (_byId.TryAdd(id, (_prompts.Count, place, isGiven)))
        {
            _prompts.Add(new Prompt(id, text, answer));
            return;
        }

        (int index, long earlier, bool wasGiven) = _byId[id];
        bool sameText = _prompts[index].Text == text;
        if (isGiven && wasGiven && sameText && _prompts[index].Answer == answer) return;
        string other = !isGiven || !wasGiven ? "" : sameText ? " with another answer" : " with another prompt";
        throw Error(place, $"id '{UserErrorException.OneLine(id)}' occurs already in {rowName} {earlier}{other}");
    }

    /// <summary>The last user message of a chat, which is the prompt; what is left out is counted.</summary>
    /// <param name="messages">Roles and contents.</param>
    /// <param name="field">Where the chat stands.</param>
    /// <param name="place">Line or row in the file, from 1.</param>
    public string LastUserMessage(IReadOnlyList<(string Role, string Content)> messages, string field, long place)
    {
        int last = messages.Count - 1;
        while (last >= 0 && messages[last].Role != "user") last--;
        if (last < 0) throw Error(place, $"'{field}' is a chat without a user message");
        _chats++;
        int system = messages.Count(message => message.Role is "system" or "developer");
        _systemMessages += system;
        _otherMessages += messages.Count - 1 - system;
        return messages[last].Content;
    }

    /// <summary>An error at a place of the file.</summary>
    public UserErrorException Error(long place, string problem) => new($"{Where(place)}: {problem}");

    private string Where(long place) => rowName == "line" ? $"{file}:{place}" : $"{file}: {rowName} {place}";

    private static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
}
