using Reasoning.Models.Files;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.SafeTensors;

namespace Reasoning.Models.Gguf.Export;

/// <summary>Writes checkpoints as GGUF files, and reads each back before it gets its name.</summary>
public static class GgufExport
{
    private const float LargestHalf = 65504;

    /// <summary>Writes a checkpoint folder as one file for each type.</summary>
    /// <param name="folder">A Hugging Face checkpoint with float weights.</param>
    /// <param name="file">
    /// Path of the file. With several types, the type's name is put before the ending: <c>model.gguf</c> becomes <c>model-q8_0.gguf</c>. Beside
    /// each a Modelfile for Ollama is written, <c>model-q8_0.Modelfile</c>.
    /// </param>
    /// <param name="types">Types to write, each at most once.</param>
    /// <param name="pre">Name of the pre-tokenizer, or null for the one that the rules give.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <returns>One report for each type, in the given order.</returns>
    /// <exception cref="UserErrorException">
    /// The checkpoint cannot be said in a GGUF file, a file cannot be written, or what was read back is not what was written; no file of
    /// the failing type is left.
    /// </exception>
    public static IReadOnlyList<GgufReport> Write(
        string folder, string file, IReadOnlyList<GgufTensorType> types, string? pre = null, Action<string>? progress = null)
    {
        if (types.Count == 0 || types.Distinct().Count() != types.Count) throw new ArgumentException("each type once", nameof(types));
        if (Directory.Exists(file)) throw new UserErrorException($"{file}: is a folder; name the GGUF file to write");
        using GgufPlan plan = GgufPlan.Make(folder, pre);
        var reports = new List<GgufReport>();
        foreach (GgufTensorType type in types)
        {
            string target = types.Count == 1
                ? file
                : Path.Combine(
                    Path.GetDirectoryName(file) ?? "", $"{Path.GetFileNameWithoutExtension(file)}-{type.Name()}{Path.GetExtension(file)}");
            reports.Add(WriteOne(plan, target, type, progress));
        }

        return reports;
    }

    private static GgufReport WriteOne(GgufPlan plan, string file, GgufTensorType type, Action<string>? progress)
    {
        List<GgufTensorSource> tensors = [.. plan.Tensors(type).Select(tensor => tensor with { Copy = Checked(plan, tensor) })];
        IReadOnlyList<GgufCheck> checks = [];
        string modelfile = Path.ChangeExtension(file, RunnerFiles.Extension);
        GgufCheck[] replaced = [.. ((string[])[file, modelfile]).Where(File.Exists).Select(place => new GgufCheck("replaced", $"{place}, which was there before", IsNote: true))];
        long bytes = 0;
        Durable.Write(file, temporary =>
        {
            int done = 0;
            GgufWriter.Write(temporary, plan.Metadata(type), tensors, tensor =>
                progress?.Invoke($"{type.Name()}: {++done} of {tensors.Count} tensors written"));
            checks = GgufReadBack.Check(plan, temporary, file, type, progress);
            bytes = new FileInfo(temporary).Length;
        });
        RunnerFiles.Write(plan, file, modelfile);
        return new GgufReport(file, type, bytes, tensors.Count, plan.PreTokenizer, plan.PreTokenizerReason, [.. checks, .. replaced])
        {
            Modelfile = modelfile,
            Commands = RunnerFiles.Commands(plan, file, modelfile),
        };
    }

    private static CopyFloats Checked(GgufPlan plan, GgufTensorSource tensor) => (start, destination) =>
    {
        tensor.Copy(start, destination);
        for (int i = 0; i < destination.Length; i++)
        {
            if (!float.IsFinite(destination[i]))
            {
                throw new UserErrorException(
                    $"{plan.Folder}: tensor '{tensor.Name}' has the value {destination[i]}; the checkpoint is damaged");
            }

            if (tensor.Type == GgufTensorType.F16 && Math.Abs(destination[i]) > LargestHalf)
            {
                throw new UserErrorException(FormattableString.Invariant(
                    $"{plan.Folder}: tensor '{tensor.Name}' has the value {destination[i]}, beyond the {LargestHalf} of f16; take bf16"));
            }
        }
    };
}
