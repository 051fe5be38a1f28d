// Writes a model as GGUF for llama.cpp and Ollama, each file read back and checked before it gets its name:
//   dotnet run -c Release --project samples/Export -- MODEL FILE.gguf
using Reasoning.Models;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Export;

if (args is not [string model, string file])
{
    Console.Error.WriteLine("give a model folder and the file to write");
    return 2;
}

try
{
    foreach (GgufReport report in GgufExport.Write(model, file, [GgufTensorType.F16, GgufTensorType.Q8_0]))
    {
        Console.WriteLine($"{report.File}: {report.Type.Name()}, {report.Bytes} bytes, {report.Checks.Count} checks");
        foreach (string command in report.Commands) Console.WriteLine($"  {command}");
    }

    return 0;
}
catch (UserErrorException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
