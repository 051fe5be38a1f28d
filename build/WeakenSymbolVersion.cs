using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Lets a Linux library load where libstdc++ is older than the one it was linked with. The loader refuses a library that asks for a symbol
/// version the system lacks, even if no symbol of that version is ever used; with the weak flag on the request it only notes the lack.
/// TorchSharp's library asks for GLIBCXX_3.4.32 because GCC 13's iostream header mentions a symbol that no code here calls. On newer systems
/// the flag changes nothing. Done to the copy in the output, never to the package; a file without such a request, or done before, stays as it is.
/// </summary>
public sealed class WeakenSymbolVersion : Task
{
    private const int SectionOfRequests = 0x6ffffffe; // SHT_GNU_verneed
    private const byte Weak = 0x2; // VER_FLG_WEAK

    [Required]
    public string File { get; set; }

    [Required]
    public string Version { get; set; }

    public override bool Execute()
    {
        byte[] elf = System.IO.File.ReadAllBytes(File);
        int flags = FindFlags(elf, HashOf(Version));
        if (flags < 0 || (elf[flags] & Weak) != 0) return true;
        elf[flags] |= Weak;
        DateTime written = System.IO.File.GetLastWriteTimeUtc(File);
        System.IO.File.WriteAllBytes(File, elf);
        System.IO.File.SetLastWriteTimeUtc(File, written); // so that the next build does not copy it again
        Log.LogMessage(MessageImportance.Normal, File + ": " + Version + " is no longer required of the system");
        return true;
    }

    /// <summary>Where the 16-bit flags of the request with this hash stand, or −1. Layout: ELF-64, little endian.</summary>
    private static int FindFlags(byte[] elf, uint hash)
    {
        if (elf.Length < 64 || BitConverter.ToUInt32(elf, 0) != 0x464c457f || elf[4] != 2) return -1;
        long sections = BitConverter.ToInt64(elf, 40);
        int size = BitConverter.ToUInt16(elf, 58), count = BitConverter.ToUInt16(elf, 60);
        for (int i = 0; i < count; i++)
        {
            int section = (int)sections + (i * size);
            if (BitConverter.ToInt32(elf, section + 4) != SectionOfRequests) continue;
            int file = (int)BitConverter.ToInt64(elf, section + 24);
            while (true)
            {
                int request = file + BitConverter.ToInt32(elf, file + 8);
                for (int left = BitConverter.ToUInt16(elf, file + 2); left > 0; left--)
                {
                    if (BitConverter.ToUInt32(elf, request) == hash) return request + 4;
                    request += BitConverter.ToInt32(elf, request + 12);
                }

                int next = BitConverter.ToInt32(elf, file + 12);
                if (next == 0) break;
                file += next;
            }
        }

        return -1;
    }

    /// <summary>The hash of names that ELF uses (System V ABI, "Hash Table").</summary>
    private static uint HashOf(string name)
    {
        uint hash = 0;
        foreach (byte character in Encoding.ASCII.GetBytes(name))
        {
            hash = (hash << 4) + character;
            uint high = hash & 0xf0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }

        return hash;
    }
}
