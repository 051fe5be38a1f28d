namespace Reasoning.Models.Tests.Mutation;

/// <summary>Complete tokenizer.json texts with few tokens, so that most edits hit the structure; together they use every stage.</summary>
internal static class SmallTokenizers
{
    /// <summary>Normalizers that put a mark before the text and for each space, byte fallback, a decoder in four steps.</summary>
    public const string SentencePiece = """
        {"version":"1.0","truncation":null,"padding":null,
         "added_tokens":[{"id":0,"content":"<unk>","special":true,"normalized":false},
          {"id":1,"content":"<s>","special":true,"normalized":false,"lstrip":false,"rstrip":true,"single_word":false},
          {"id":2,"content":"</s>","special":true,"normalized":false}],
         "normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},
          {"type":"Replace","pattern":{"String":" "},"content":"▁"}]},
         "pre_tokenizer":null,
         "post_processor":{"type":"TemplateProcessing",
          "single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],
          "special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]}}},
         "decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},
          {"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]},
         "model":{"type":"BPE","dropout":null,"unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,"ignore_merges":false,
          "vocab":{"<unk>":0,"<s>":1,"</s>":2,"<0x0A>":3,"<0xC3>":4,"<0xA9>":5,"▁":6,"a":7,"b":8,"c":9,"ab":10,"▁ab":11,"abc":12},
          "merges":[["a","b"],["▁","ab"],["ab","c"]]}}
        """;

    /// <summary>A regular expression of the Qwen kind, byte level, NFC.</summary>
    public const string ByteLevel = """
        {"added_tokens":[{"id":9,"content":"<|end|>","special":true},{"id":10,"content":"<t>","lstrip":true,"single_word":true}],
         "normalizer":{"type":"NFC"},
         "pre_tokenizer":{"type":"Sequence","pretokenizers":[
          {"type":"Split","pattern":{"Regex":"(?i:'s|'t|'ll)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s+(?!\\S)|\\s+"},
           "behavior":"Isolated","invert":false},
          {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]},
         "post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel","trim_offsets":false},
          {"type":"RobertaProcessing","sep":["<|end|>",9],"cls":["<|end|>",9],"add_prefix_space":true}]},
         "decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},
         "model":{"type":"BPE","unk_token":"a","continuing_subword_prefix":"","end_of_word_suffix":"","fuse_unk":false,
          "vocab":{"a":0,"b":1,"c":2,"Ġ":3,"ab":4,"Ċ":5,"Ã":6,"©":7,"Ġab":8},"merges":["a b","Ġ ab"]}}
        """;

    /// <summary>Digits one by one, every kind of normalizer, marks from a pre-tokenizer.</summary>
    public const string Mixed = """
        {"added_tokens":[{"id":0,"content":"<s>","special":true,"normalized":true}],
         "normalizer":{"type":"Sequence","normalizers":[{"type":"Strip","strip_left":true,"strip_right":false},{"type":"NFD"},
          {"type":"StripAccents"},{"type":"Lowercase"},{"type":"NFKC"},{"type":"NFKD"},
          {"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]},
         "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},
          {"type":"Punctuation","behavior":"MergedWithPrevious"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}]},
         "post_processor":{"type":"BertProcessing","sep":["<s>",0],"cls":["<s>",0]},
         "decoder":{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true},
         "model":{"type":"BPE","unk_token":"<s>","vocab":{"<s>":0,"a":1,"b":2,"1":3,"2":4,"▁":5,"▁a":6,"e":7},"merges":["▁ a"]}}
        """;

    public static readonly string[] All = [SentencePiece, ByteLevel, Mixed];
}
