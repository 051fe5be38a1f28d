using System.Text.Json;
using Reasoning.Models.Files;

namespace Reasoning.Models.Tokenization;

/// <summary>The special tokens around a text: what the <c>post_processor</c> of tokenizer.json says about a single sequence.</summary>
/// <param name="Before">Ids before the text.</param>
/// <param name="After">Ids after the text.</param>
internal sealed record PostProcessor(int[] Before, int[] After)
{
    public static readonly PostProcessor None = new([], []);

    public static PostProcessor Read(JsonFields? fields) => fields is { } present ? Create(present) : None;

    private static PostProcessor Create(JsonFields fields)
    {
        string type = fields.String("type");
        switch (type)
        {
            case "Sequence":
                return fields.Objects("processors").Select(Create).Aggregate(None, (inner, outer) => inner.Within(outer));
            case "ByteLevel":
                return None; // adjusts offsets only
            case "TemplateProcessing":
                return Template(fields);
            case "BertProcessing" or "RobertaProcessing":
                return new PostProcessor([PairId(fields, "cls")], [PairId(fields, "sep")]);
            default:
                throw fields.Error("type", $"is '{type}', a post-processor that is not supported");
        }
    }

    private PostProcessor Within(PostProcessor outer) => new([.. outer.Before, .. Before], [.. After, .. outer.After]);

    private static PostProcessor Template(JsonFields fields)
    {
        var before = new List<int>();
        var after = new List<int>();
        bool sawText = false;
        foreach (JsonFields item in fields.Objects("single"))
        {
            if (item.OptionalObject("SpecialToken") is { } special)
            {
                int[] ids = fields.Object("special_tokens").Object(special.String("id")).IntOrInts("ids", 0, BpeModel.MaxId);
                (sawText ? after : before).AddRange(ids);
            }
            else
            {
                JsonFields sequence = item.Object("Sequence");
                if (sequence.String("id") != "A" || sawText)
                    throw sequence.Error("id", "must be A, once, in the template for a single text");
                sawText = true;
            }
        }
        return sawText ? new PostProcessor([.. before], [.. after]) : throw fields.Error("single", "has no place for the text");
    }

    private static int PairId(JsonFields fields, string field)
    {
        JsonElement pair = fields.Require(field);
        bool isPair = pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2
            && pair[1].ValueKind == JsonValueKind.Number && pair[1].TryGetInt32(out int id) && id is >= 0 and <= BpeModel.MaxId;
        return isPair ? pair[1].GetInt32() : throw fields.Wrong(field, pair, "an array of a token and its id");
    }
}
