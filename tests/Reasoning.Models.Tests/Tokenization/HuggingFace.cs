using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Reasoning.Models.Tests.Formats;

/// <summary>
/// Hugging Face's own library in this process. What the package makes of it always adds special tokens and leaves them out of texts; a file
/// whose tokens are not special stands in for the other way.
/// </summary>
internal sealed class HuggingFace : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Tokenizers.DotNet.Tokenizer _tokenizer;
    private readonly Tokenizers.DotNet.Tokenizer _withoutSpecial;

    public HuggingFace(string json)
    {
        bool isHere = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;
        Assert.SkipUnless(isHere, "the tests bring Hugging Face's library for Linux on x64 only");
        _tokenizer = Open(json);
        JsonNode root = JsonNode.Parse(json)!;
        foreach (JsonNode? token in root["added_tokens"]!.AsArray()) token!["special"] = false;
        _withoutSpecial = Open(root.ToJsonString());
    }

    public int[] Encode(string text) => Array.ConvertAll(_tokenizer.Encode(text), id => (int)id);

    public string Decode(int[] ids, bool skipSpecialTokens)
        => (skipSpecialTokens ? _tokenizer : _withoutSpecial).Decode(Array.ConvertAll(ids, id => (uint)id));

    public void Dispose()
    {
        _tokenizer.Dispose();
        _withoutSpecial.Dispose();
        _folder.Dispose();
    }

    private Tokenizers.DotNet.Tokenizer Open(string json)
    {
        _folder.Write("tokenizer.json", json);
        return new Tokenizers.DotNet.Tokenizer(_folder.File("tokenizer.json"));
    }
}
