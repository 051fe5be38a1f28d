using Reasoning.Models.Files;

namespace Reasoning.Models.Tokenization;

/// <summary>Puts a step before what comes after it.</summary>
internal delegate TokenSink Decoder(TokenSink next);

/// <summary>Reads the <c>decoder</c> of tokenizer.json to a list of steps.</summary>
internal static class Decoders
{
    public static List<Decoder> Read(JsonFields? fields)
    {
        var steps = new List<Decoder>();
        if (fields is { } present) Add(present, steps);
        else steps.Add(next => new JoinSink(next, " "));
        if (steps.Count > TokenizerParts.MostSteps) throw fields!.Value.Error("decoders", $"has {steps.Count} steps; at most {TokenizerParts.MostSteps} are read");
        return steps;
    }

    private static void Add(JsonFields fields, List<Decoder> steps)
    {
        string type = fields.String("type");
        switch (type)
        {
            case "Sequence":
                foreach (JsonFields child in fields.Objects("decoders")) Add(child, steps);
                break;
            case "ByteLevel": steps.Add(next => new ByteLevelSink(next)); break;
            case "ByteFallback": steps.Add(next => new ByteFallbackSink(next)); break;
            case "Fuse": steps.Add(next => new JoinSink(next, "")); break;
            case "Metaspace": steps.Add(Metaspace.Decoder(fields)); break;
            case "Strip": AddStrip(fields, steps); break;
            case "Replace":
                Func<string, string> replace = Normalizers.Replace(fields);
                steps.Add(next => new MapSink(next, replace));
                break;
            default:
                throw fields.Error("type", $"is '{type}', a decoder that is not supported");
        }
    }

    private static void AddStrip(JsonFields fields, List<Decoder> steps)
    {
        string content = fields.String("content");
        if (content.Length != 1) throw fields.Error("content", "must be one character");
        char symbol = content[0];
        int start = fields.Int("start", 0, int.MaxValue, 0);
        int stop = fields.Int("stop", 0, int.MaxValue, 0);
        if (stop > 0) steps.Add(next => new MapSink(next, token => StripEnd(token, symbol, stop)));
        if (start > 0) steps.Add(next => new StripStartSink(next, symbol, start));
    }

    private static string StripEnd(string token, char symbol, int count)
    {
        int length = token.Length;
        while (length > 0 && token.Length - length < count && token[length - 1] == symbol) length--;
        return token[..length];
    }
}
