using Reasoning.Trainer.Tests.Runs;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>A bare container has no OpenSSL, and .NET ends a process that computes a hash there.</summary>
public sealed class BareSystemTests
{
    // In a mount namespace of its own, where nothing is at the places of the libraries.
    private const string WithoutOpenSsl = """
        for library in $(find -L /lib /lib64 /usr/lib /usr/lib64 -maxdepth 3 \( -name 'libssl.so*' -o -name 'libcrypto.so*' \) 2>/dev/null); do mount --bind /dev/null "$library" || exit 99; done
        exec "$@"
        """;

    [Fact]
    public void Without_openssl_it_says_so_in_one_line()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "this system has cryptography of its own");
        (int probe, _, string why) = OtherProgram.Start("unshare", ["-rm", "true"], "", seconds: 20);
        Assert.SkipUnless(probe == 0, $"no mount namespace: {why}");
        (int code, string output, string error) = Start(OwnProcess.File, "inspect", TinyModel.Folder);
        Assert.Equal((2, "", "error: this system lacks OpenSSL, which .NET needs; install it, on Debian and Ubuntu with apt-get install libssl3\n"), (code, output, error));
        Assert.Equal(0, Start(OwnProcess.File, "--help").Code);
    }

    /// <summary>Runs a program where no OpenSSL is.</summary>
    public static (int Code, string Output, string Error) Start(string program, params string[] args) =>
        OtherProgram.Start("unshare", ["-rm", "bash", "-c", WithoutOpenSsl, "bash", program, .. args], "", seconds: 120);
}
