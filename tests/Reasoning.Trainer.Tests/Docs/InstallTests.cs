using Reasoning.Trainer.Tests.Commands;

namespace Reasoning.Trainer.Tests.Docs;

/// <summary>What docs/install.md says can be installed.</summary>
public sealed class InstallTests(ITestOutputHelper output)
{
    private const int Seconds = 1800;

    [SlowFact]
    public void The_tool_is_installed_from_a_folder_and_trains()
    {
        using var folder = new TempFolder();
        string packages = folder.File("packages"), tools = folder.File("tools");
        Dotnet("pack", "-c", "Release", Project("Reasoning.Trainer"), "-p:ToolPackageRuntimeIdentifiers=linux-x64", "-o", packages);
        foreach (string package in Directory.GetFiles(packages)) output.WriteLine($"{Path.GetFileName(package)}: {new FileInfo(package).Length >> 20} MiB");
        Assert.InRange(new FileInfo(Path.Combine(packages, "reasoning.1.0.0.nupkg")).Length, 1, 1 << 20); // it only names the others
        Dotnet("tool", "install", "reasoning", "--tool-path", tools, "--add-source", packages);
        Works(Path.Combine(tools, "reasoning"), folder);
    }

    [SlowTheory]
    [InlineData("linux-x64", "reasoning")]
    [InlineData("win-x64", "reasoning.exe")]
    [InlineData("osx-arm64", "reasoning")]
    public void A_folder_is_published_for_each_system(string system, string program)
    {
        using var folder = new TempFolder();
        string app = folder.File("app");
        Dotnet("publish", "-c", "Release", "-r", system, "--self-contained", Project("Reasoning.Trainer"), "-o", app);
        Assert.True(File.Exists(Path.Combine(app, program)));
        Assert.True(File.Exists(Path.Combine(app, "checkpoints/starter/model.safetensors")));
        Assert.NotEmpty(Directory.GetFiles(app, "*torch_cpu.*"));
        Assert.NotEmpty(Directory.GetFiles(app, "*llama.*", SearchOption.AllDirectories));
        if (system != "linux-x64") return;
        Works(Path.Combine(app, program), folder);
        if (!File.Exists(Path.Combine(app, "openssl/libssl.so.3"))) return; // the machine that published has none there
        (int code, _, string error) = BareSystemTests.Start(Path.Combine(app, program), "train", "--steps", "1", "--set", "eval-samples=0", "--out", folder.File("bare"));
        Assert.True(code == 0, error);
    }

    [SlowFact]
    public void The_libraries_are_packages_that_another_project_uses()
    {
        using var folder = new TempFolder();
        string packages = folder.File("packages"), own = Directory.CreateDirectory(folder.File("own")).FullName;
        foreach (string library in (string[])["Jinja", "Grading", "Models", "Rewards", "Eval"])
            Dotnet("pack", "-c", "Release", Project($"Reasoning.{library}"), "-o", packages);
        File.WriteAllText(Path.Combine(own, "own.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Reasoning.Eval" Version="1.0.0" />
                <PackageReference Include="libtorch-cpu-linux-x64" Version="2.10.0" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(own, "Program.cs"), """
            using Reasoning.Eval;
            using Reasoning.Eval.Results;
            using Reasoning.Grading;
            using Reasoning.Models.Generation;
            using Reasoning.Models.Policies;
            using Reasoning.Models.Prompts;
            Console.WriteLine(new Grader(gold: "1/2").GradeAnswer("0.5").IsEqual);
            using var policy = Policy.Load(args[0]);
            var options = new EvalOptions { Samples = 2, Ks = [1, 2], Sampling = new SamplingOptions { MaxNewTokens = 16 } };
            EvalResult result = Evaluator.Run(policy, PromptSet.Load(args[1]), options);
            Console.WriteLine(result.Problems.Count);
            """);
        Dotnet("build", "-c", "Release", own, "-o", folder.File("out"), $"-p:RestoreAdditionalProjectSources={packages}",
            $"-p:RestorePackagesPath={folder.File("cache")}", $"-p:RestoreFallbackFolders={Packages}");
        string result = OtherProgram.Run("dotnet", [folder.File("out/own.dll"), TinyModel.Folder, TinyModel.Prompts(folder)], "", 300);
        Assert.Equal(["True", "6"], result.TrimEnd().Split('\n'));
        Assert.True(File.Exists(folder.File("cache/reasoning.grading/1.0.0/lib/net10.0/Reasoning.Grading.xml")));
    }

    /// <summary>Where NuGet keeps what it has fetched.</summary>
    private static string Packages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages");

    private static string Project(string name) => Repository.Path($"src/{name}");

    private static void Works(string program, TempFolder folder)
    {
        Assert.Matches(@"^\d+\.\d+\.\d+", OtherProgram.Run(program, ["--version"], "", 60));
        Assert.Contains("zerosiam", OtherProgram.Run(program, ["recipes"], "", 60));
        string run = folder.File("run");
        string trained = OtherProgram.Run(
            program, ["train", "--steps", "1", "--out", run, "--set", "eval-samples=2", "--set", "eval-problems=2", "--threads", "2"], "", 600);
        Assert.Contains("adapted model", trained);
    }

    private void Dotnet(params string[] arguments)
    {
        (int code, string said, string error) = OtherProgram.Start(
            "dotnet", arguments, "", Seconds, ("DOTNET_NOLOGO", "1"), ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"), ("MSBUILDDISABLENODEREUSE", "1"));
        if (code != 0) output.WriteLine(said);
        Assert.True(code == 0, $"dotnet {string.Join(' ', arguments)} ended with {code}:\n{error}\n{string.Join('\n', said.Split('\n').Where(line => line.Contains("error", StringComparison.Ordinal)))}");
    }
}
